import { RuntimeError } from '@turingpi/runtime';
import { expect, it } from 'vitest';
import { EXIT, exitCodeOf } from './exit-codes.js';
import { onInterruption } from './interruption.js';

it('an interruption is one, whatever it ended in', () => {
  using interruption = onInterruption(() => undefined);
  process.emit('SIGINT', 'SIGINT');
  const { reason } = interruption.signal as { readonly reason: Error };
  const stillRunning = new RuntimeError('COMMAND_STILL_RUNNING', 'it may still run', { cause: reason });
  expect([reason, stillRunning, new Error('around', { cause: stillRunning })].map(exitCodeOf)).toEqual([
    EXIT.interrupted,
    EXIT.interrupted,
    EXIT.interrupted,
  ]);
  expect(exitCodeOf(new RuntimeError('COMMAND_STILL_RUNNING', 'its time was over'))).toBe(EXIT.failed);
});
