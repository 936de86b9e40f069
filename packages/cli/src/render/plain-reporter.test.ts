import type { TuringPiEvent } from '@turingpi/core';
import type { Progress } from '@turingpi/foundation';
import { describe, expect, it } from 'vitest';
import { createPalette } from './palette.js';
import { PlainReporter } from './plain-reporter.js';

/** What is written of progress that is told within one moment. */
function written(told: readonly Progress[]): string[] {
  const lines: string[] = [];
  const output = { isTTY: false, columns: 80, write: (text: string) => lines.push(text) > 0 };
  const reporter = new PlainReporter(output as never, createPalette({}, {}), () => 0);
  for (const progress of told)
    reporter.event({
      type: 'phase:progress',
      nodeId: 1,
      hostname: 'one',
      phase: 'post_installation',
      progress,
    } as TuringPiEvent);
  return lines.map((line) => line.trimEnd().replace(/^.*post: /, ''));
}

describe('plain lines', () => {
  it('name every step, of which any may be the one that takes long', () => {
    const step = (done: number, note: string): Progress => ({
      activity: 'post-install',
      done,
      unit: 'steps',
      note,
    });
    expect(written([step(1, 'apt'), step(2, 'run'), step(3, 'reboot')])).toEqual([
      'post-install 1 - apt',
      'post-install 2 - run',
      'post-install 3 - reboot',
    ]);
  });

  it('tell of one activity only now and then', () => {
    const write = (done: number): Progress => ({ activity: 'write', done, total: 10, unit: 'steps' });
    expect(written([write(1), write(2), { activity: 'power on' }])).toEqual([
      'write 10 % (1 of 10)',
      'power on',
    ]);
  });
});
