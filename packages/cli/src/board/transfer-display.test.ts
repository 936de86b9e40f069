import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { Output } from '../process/terminal.js';
import { TerminalScreen } from '../render/terminal-screen.fixture.js';
import { TransferDisplay } from './transfer-display.js';

const half = { activity: 'write', done: 1_000_000, total: 2_000_000, unit: 'bytes' } as const;
const whole = { ...half, done: 2_000_000 };

const terminal = (stdout: Output, stderr = new PassThrough()) => ({
  environment: {},
  stdout,
  stderr,
  cwd: '/',
});
const written = (output: Output) => String((output as PassThrough).read() ?? '');

describe('TransferDisplay', () => {
  it('redraws one line in a terminal', async () => {
    const screen = new TerminalScreen(80);
    using display = new TransferDisplay(terminal(screen.output), false);
    for (const progress of [half, whole]) display.show(progress);
    expect(await screen.lines()).toEqual(['write 100 % (2.0 MB of 2.0 MB)']);
  });

  it('writes a line for each thing that is done elsewhere, not for each step of it', () => {
    const stdout = new PassThrough();
    using display = new TransferDisplay(terminal(stdout), false);
    for (const progress of [half, whole, { activity: 'verify', note: 'sha256\u001b[2J' }])
      display.show(progress);
    expect(written(stdout)).toBe('write 50 % (1.0 MB of 2.0 MB)\nverify - sha256\\u{1b}[2J\n');
  });

  it('gives programs JSON, and keeps what is for people out of it', () => {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    using display = new TransferDisplay(terminal(stdout, stderr), true, { node: 1 });
    display.show(half);
    display.note('the board restarts');
    expect(JSON.parse(written(stdout))).toEqual({ event: 'progress', node: 1, ...half });
    expect(written(stderr)).toBe('the board restarts\n');
  });
});
