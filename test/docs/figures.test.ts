import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { FIGURE, filledFigures, pagesIn, savedResults } from '../../scripts/filled-figures.mjs';
import { TYPED_FIGURES } from './typed-figures.js';

const ROOT = path.resolve(import.meta.dirname, '../..');
const results = await savedResults(ROOT);
const texts = await Promise.all(
  (await pagesIn(ROOT)).map(async (page) => ({ page, text: await readFile(path.join(ROOT, page), 'utf8') })),
);

const NUMBER =
  '(?:\\d[\\d.,]*|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|a hundred)';
/** A factor, a speed, a duration, a size or a share. */
const QUANTITY = new RegExp(
  [
    `${NUMBER} ?×`,
    `${NUMBER} times (?:as|faster|slower|longer|shorter|more|less|fewer|larger|smaller)`,
    '\\d[\\d.,]* ?(?:ms|s|seconds|min|minutes|hours|[kMG]i?B(?:/s)?|%)(?![\\w])',
  ].join('|'),
  'gi',
);

describe('what the pages say in figures', () => {
  it('is what benchmarks have measured (`npm run figures` writes it)', () => {
    for (const { page, text } of texts) {
      expect(filledFigures(page, text, results), page).toBe(text);
      // A comment at the beginning of a line ends the paragraph.
      expect(text, page).not.toMatch(/^\s*<!-- figure/m);
    }
    expect(texts.filter(({ text }) => text.match(FIGURE) !== null)).not.toEqual([]);
  });

  it('is else a limit, or of others: nothing that we measure is typed', () => {
    const found = texts.flatMap(({ page, text }) =>
      quantitiesOf(text).map((quantity) => `${page}: ${quantity}`),
    );
    const known = Object.values(TYPED_FIGURES).flatMap((pages) =>
      Object.entries(pages).flatMap(([page, quantities]) =>
        quantities.map((quantity) => `${page}: ${quantity}`),
      ),
    );
    const wholePages = known
      .filter((entry) => entry.endsWith(': *'))
      .map((entry) => entry.slice(0, -': *'.length));
    const here = found.filter((entry) => !wholePages.some((page) => entry.startsWith(`${page}: `)));
    expect([...new Set(here)].sort()).toEqual(known.filter((entry) => !entry.endsWith(': *')).sort());
  });

  it('finds a speed, a factor, a duration and a size that somebody types', () => {
    const text = 'It is 43× as fast, seven times faster, at 90 MB/s, in 8.3 s for 2.5 GB; `30 s` is code.';
    expect(quantitiesOf(text)).toEqual(['43×', 'seven times faster', '90 MB/s', '8.3 s', '2.5 GB']);
    expect(quantitiesOf('<!-- figure image.ratio -->43<!-- /figure --> times faster')).toEqual([]);
  });

  it('fails for a figure that no benchmark has', () => {
    const page = '<!-- figure image.dreamt -->1<!-- /figure -->';
    expect(() => filledFigures('page.md', page, results)).toThrow(
      'page.md: bench/results/image.json has no "dreamt"',
    );
  });
});

/** Without code, and without what is filled in. */
function quantitiesOf(text: string): readonly string[] {
  const prose = text
    .replaceAll(/^```[^]*?^```$/gm, '')
    .replaceAll(/`[^`]*`/g, ' ')
    .replaceAll(FIGURE, '#');
  return [...prose.matchAll(QUANTITY)].map(([quantity]) => quantity);
}
