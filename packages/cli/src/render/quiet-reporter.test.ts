import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { ClusterSummary, TuringPiEvent } from '@turingpi/core';
import { expect, it } from 'vitest';
import { createReporter } from './create-reporter.js';

const SUMMARY: ClusterSummary = { runId: 'r', completed: true, durationMs: 1, nodes: [] };
const progress = (activity: string, warning?: true) =>
  ({
    ...{ type: 'phase:progress', phase: 'os_installation', nodeId: 1, hostname: 'turing-1' },
    ...{ at: '2026-01-02T03:04:05.000Z', progress: { activity, ...(warning && { warning }) } },
  }) as unknown as TuringPiEvent;

/** What is shown of a run with progress, a warning and a remark. */
async function shown(quiet: boolean, json: boolean): Promise<string> {
  const stdout = Object.assign(new PassThrough(), { isTTY: quiet, columns: 80 });
  const terminal = { environment: {}, stdout, stderr: new PassThrough(), cwd: '/', quiet };
  {
    using reporter = await createReporter(terminal, { json });
    reporter.note('by the way');
    reporter.event(progress('upload'));
    reporter.event(progress('too slow', true));
    reporter.summary(SUMMARY);
  }
  stdout.end();
  return text(stdout);
}

it('a quiet run tells warnings and how it ended, in a terminal too', async () => {
  expect(await shown(false, false)).toMatch(/by the way[^]*upload[^]*too slow/);
  const quiet = await shown(true, false);
  expect(quiet).toMatch(/^[^\n]*too slow\n[^]+/);
  expect(quiet).not.toMatch(/by the way|upload/);
  expect(quiet).not.toContain('\u001b[');
});

it('and so it does as JSON', async () => {
  const lines = (await shown(true, true)).trim().split('\n');
  expect(lines.map((line) => (JSON.parse(line) as { event: string }).event)).toEqual([
    'phase:progress',
    'summary',
  ]);
});
