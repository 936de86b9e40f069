import { type Progress, Node1, Node2 } from '@turingpi/foundation';
import type { TuringPiEvent } from '@turingpi/core';

import { describe, expect, it } from 'vitest';
import { LiveReporter } from './live-reporter.js';
import { TerminalScreen } from './terminal-screen.fixture.js';

const at = '2026-01-01T00:00:00.000Z';
const one = { nodeId: Node1, hostname: 'one', at } as const;
const two = { nodeId: Node2, hostname: 'two', at } as const;
const writing = (progress: Partial<Progress>): TuringPiEvent => ({
  ...one,
  type: 'phase:progress',
  phase: 'os_installation',
  progress: { activity: 'write', ...progress },
});

/** What a terminal shows after events. */
async function shown(columns: number, ...events: TuringPiEvent[]): Promise<string[]> {
  const screen = new TerminalScreen(columns);
  using reporter = new LiveReporter(screen.output);
  for (const event of events) reporter.event(event);
  return await screen.lines();
}

describe('LiveReporter', () => {
  it('keeps one line for each node, in the order of the slots', async () => {
    const events: TuringPiEvent[] = [
      { ...two, type: 'node:started' },
      { ...one, type: 'node:started' },
      writing({ done: 250_000_000, total: 1_000_000_000, unit: 'bytes', rate: 20_000_000, etaMs: 37_500 }),
    ];
    expect(await shown(100, ...events)).toEqual([
      'Node1 one: os_installation: write 25 % (250.0 MB of 1.0 GB) 20.0 MB/s 38 s left',
      'Node2 two: waiting',
    ]);
  });

  it('lets what is over scroll up, and says so in the line of the node', async () => {
    const events: TuringPiEvent[] = [
      { ...one, type: 'phase:started', phase: 'image_customization', reason: 'first run' },
      { ...two, type: 'phase:skipped', phase: 'image_customization' },
      { ...one, type: 'phase:completed', phase: 'image_customization', durationMs: 1234 },
    ];
    expect(await shown(100, ...events)).toEqual([
      'Node2 two: image_customization skipped, nothing changed',
      'Node1 one: image_customization completed in 1.2 s',
      'Node1 one: image_customization completed',
      'Node2 two: image_customization skipped',
    ]);
  });

  it('cuts a line that is too long, and shows control characters instead of obeying them', async () => {
    const note = `\u001b[2J\u001b[31m${'boot '.repeat(20)}`;
    const [line, ...others] = await shown(40, writing({ note }), { ...two, type: 'node:started' });
    expect(line).toBe('Node1 one: os_installation: write - \\u…');
    expect(others).toEqual(['Node2 two: waiting']);
  });

  it('ends with the table alone, and what failed below it', async () => {
    const screen = new TerminalScreen(100);
    using reporter = new LiveReporter(screen.output);
    reporter.event({ ...one, type: 'node:started' });
    const notRun = { outcome: 'not run', durationMs: 0 } as const;
    const phases = { image_customization: notRun, os_installation: notRun, post_installation: notRun };
    reporter.summary({
      runId: '20260102T030405678-9f86d0',
      completed: false,
      durationMs: 1,
      nodes: [{ ...one, outcome: 'failed', durationMs: 1, phases, error: new Error('no\u001b[2Jtrick') }],
    });
    const lines = await screen.lines();
    expect(lines.at(0)).toMatch(/^┌/);
    expect(lines.join('\n')).not.toContain('waiting');
    expect(lines.at(-1)).toBe('Node1 failed: INTERNAL: no\\u{1b}[2Jtrick');
  });
});
