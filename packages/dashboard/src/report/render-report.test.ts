import { createHash } from 'node:crypto';
import type { RunEvent } from '@turingpi/core/plugin';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { foldRun } from '../model/advance-run.js';
import { ensureBuiltPage } from '../page/built-page.fixture.js';
import { eventfulRun, hostileRun } from '../sample-run.fixture.js';
import { embedJson } from './embed-json.js';
import { renderReport } from './render-report.js';

beforeAll(ensureBuiltPage);

/** What a parser of HTML takes for the content of the elements of one name. */
function contentsOf(name: string, html: string): string[] {
  return [...html.matchAll(new RegExp(`<${name}[^>]*>([\\s\\S]*?)</${name}`, 'gi'))].map(
    ([, content]) => content!,
  );
}

describe('a report', () => {
  it('has the events inside, as far as they matter', async () => {
    const [data] = contentsOf('script', await renderReport(eventfulRun()));
    expect(foldRun(JSON.parse(data!) as RunEvent[])).toEqual(foldRun(eventfulRun()));
  });

  it('lets run and look what it brings, and nothing else', async () => {
    const html = await renderReport(eventfulRun());
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(html)![1]!;
    const hash = (content: string) => `'sha256-${createHash('sha256').update(content).digest('base64')}'`;
    expect(policy.split('; ')).toEqual([
      "default-src 'none'",
      `script-src ${hash(contentsOf('script', html)[1]!)}`,
      `style-src ${hash(contentsOf('style', html)[0]!)}`,
      ...['img-src data:', "base-uri 'none'", "form-action 'none'"],
    ]);
    expect(html).not.toMatch(/(?:src|href)="(?!data:|#)/);
  });

  it('of a run whose texts want to be more than text has as many elements as any', async () => {
    const count = (html: string) => [...html.matchAll(/<\/?[a-z!]/gi)].length;
    expect(count(await renderReport(hostileRun()))).toBe(count(await renderReport(eventfulRun())));
  });

  it('of a run that just began can be made', async () => {
    expect(await renderReport([])).toContain('<title>turingpi run</title>');
    expect(await renderReport(eventfulRun().slice(0, 1))).toContain('20261129-100000-k3v9');
  });
});

describe('JSON in a page', () => {
  it('is the same value, without a sign that a parser of HTML would stop at', () => {
    fc.assert(
      fc.property(
        fc.json(),
        fc.constantFrom('</script>', '<!--', '-->', '\u2028', '&lt;', ''),
        (json, text) => {
          const value: unknown = [JSON.parse(json), text];
          const embedded = embedJson(value);
          expect(JSON.parse(embedded)).toEqual(value);
          expect(embedded).not.toMatch(/[<>&\u2028\u2029]/);
        },
      ),
    );
  });
});
