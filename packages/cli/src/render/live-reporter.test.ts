import { type Progress, Node1, Node2 } from '@turingpi/foundation';
import type { TuringPiEvent } from '@turingpi/core';

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LiveReporter } from './live-reporter.js';
import { createPalette } from './palette.js';
import { TerminalScreen } from './terminal-screen.fixture.js';

const at = '2026-01-01T00:00:00.000Z';
const one = { nodeId: Node1, hostname: 'one', at } as const;
const two = { nodeId: Node2, hostname: 'two', at } as const;
const installing = (progress: Progress): TuringPiEvent => ({
  ...one,
  type: 'phase:progress',
  phase: 'os_installation',
  progress,
});
const QUARTER: Progress = {
  activity: 'write',
  done: 250_000_000,
  total: 1_000_000_000,
  unit: 'bytes',
  rate: 20_000_000,
  etaMs: 37_500,
};
const plain = createPalette({}, {});

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'], now: Date.parse(at) });
});
afterEach(() => vi.useRealTimers());

/** What a terminal shows after events. */
async function shown(columns: number, ...events: TuringPiEvent[]): Promise<string[]> {
  const screen = new TerminalScreen(columns);
  using reporter = new LiveReporter(screen.output, plain);
  for (const event of events) reporter.event(event);
  return await screen.lines();
}

describe('LiveReporter', () => {
  it.each([
    [60, ['1 one  install write ━━───────  25 %   20.0 MB/s  38 s left', '2 two  waiting']],
    [80, ['1 one  install write ━━━━━━──────────────────  25 %   20.0 MB/s  38 s left', '2 two  waiting']],
    [120, ['1 one  install write ━━━━━━──────────────────  25 %   20.0 MB/s  38 s left', '2 two  waiting']],
  ])('shows how far, how fast and how long still at %i columns', async (columns, lines) => {
    const events = [{ ...two, type: 'node:started' } as const, { ...one, type: 'node:started' } as const];
    expect(await shown(columns, ...events, installing(QUARTER))).toEqual(lines);
  });

  it('tells how long it has waited, and how long it may, also while nothing happens', async () => {
    const screen = new TerminalScreen(80);
    using reporter = new LiveReporter(screen.output, plain);
    const wait = (note: string) => installing({ activity: 'wait for SSH', limitMs: 600_000, note });
    reporter.event(wait('no answer yet'));
    vi.advanceTimersByTime(72_000);
    expect(await screen.lines()).toEqual([
      '1 one  install wait for SSH  1 min 12 s of 10 min 0 s  no answer yet',
    ]);
    reporter.event({ ...wait('Starting kernel ...'), at: '2026-01-01T00:01:12.000Z' });
    vi.advanceTimersByTime(1000);
    expect(await screen.lines()).toEqual([
      '1 one  install wait for SSH  1 min 13 s of 10 min 0 s  Starting kernel ...',
    ]);
  });

  it('lets what is over scroll up, and says so in the line of the node', async () => {
    const events: TuringPiEvent[] = [
      { ...one, type: 'phase:started', phase: 'image_customization', reason: 'first run' },
      { ...two, type: 'phase:skipped', phase: 'image_customization' },
      { ...one, type: 'phase:completed', phase: 'image_customization', durationMs: 1234 },
    ];
    expect(await shown(100, ...events)).toEqual([
      'Node1 one: image completed in 1.2 s',
      '1 one  image done',
      '2 two  image stands',
    ]);
  });

  it('cuts a line that is too long, and shows control characters instead of obeying them', async () => {
    const note = `\u001b[2J\u001b[31m${'boot '.repeat(20)}`;
    const [line, ...others] = await shown(40, installing({ activity: 'write', note }), {
      ...two,
      type: 'node:started',
    });
    expect(line).toBe('1 one  install write  \\u{1b}[2J\\u{1b}[…');
    expect(others).toEqual(['2 two  waiting']);
  });

  it('keeps nodes of several boards in their order, in columns', async () => {
    const events: TuringPiEvent[] = [
      { ...two, board: 'shelf', type: 'node:started' },
      { ...one, board: 'attic', hostname: 'a-host-name-of-great-length', type: 'node:started' },
    ];
    expect(await shown(60, ...events)).toEqual([
      'attic/1 a-host-name-of-…  waiting',
      'shelf/2 two               waiting',
    ]);
  });

  it('leaves nothing of its lines above a question, and goes on below the answer', async () => {
    const screen = new TerminalScreen(60);
    using reporter = new LiveReporter(screen.output, plain);
    reporter.event({ ...one, type: 'node:started' });
    await reporter.aside(async () => {
      reporter.note('Node1 is to be erased.');
      screen.output.write('Erase? y\n');
      reporter.event({ ...two, type: 'node:started' });
      vi.advanceTimersByTime(5000);
      expect(await screen.lines()).toEqual(['Node1 is to be erased.', 'Erase? y']);
    });
    expect(await screen.lines()).toEqual([
      ...['Node1 is to be erased.', 'Erase? y'],
      ...['1 one  waiting', '2 two  waiting'],
    ]);
  });

  it('does not call a stop a failure', async () => {
    const stopped: TuringPiEvent = {
      ...one,
      ...({ type: 'phase:failed', phase: 'os_installation', durationMs: 5 } as const),
      ...{ code: 'ABORTED', message: 'stopped by the user' },
    };
    expect(await shown(60, stopped)).toEqual(['Node1 one: install stopped', '1 one  install stopped']);
  });

  it('ends with a line for each node, and what failed below them', async () => {
    const screen = new TerminalScreen(100);
    using reporter = new LiveReporter(screen.output, plain);
    reporter.event({ ...one, type: 'node:started' });
    const notRun = { outcome: 'not run', durationMs: 0 } as const;
    const phases = { image_customization: notRun, os_installation: notRun, post_installation: notRun };
    reporter.summary({
      runId: '20260102T030405678-9f86d0',
      completed: false,
      durationMs: 1,
      nodes: [{ ...one, outcome: 'failed', durationMs: 1, phases, error: new Error('no\u001b[2Jtrick') }],
    });
    expect(await screen.lines()).toEqual([
      'node   name',
      'Node1  one   failed: INTERNAL',
      'Node1 failed: INTERNAL: no\\u{1b}[2Jtrick',
      '0 of 1 nodes as they should be, after 0.0 s.',
    ]);
  });
});
