import { afterEach, expect, it, vi } from 'vitest';
import { onInterruption } from './interruption.js';

afterEach(() => vi.restoreAllMocks());

it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s asks for a clean stop', (name) => {
  const told = vi.fn();
  using interruption = onInterruption(told);
  process.emit(name, name);
  expect(interruption.signal.reason).toMatchObject({ name: 'AbortError' });
  expect(told).toHaveBeenCalledTimes(1);
});

it('leaves at the second Ctrl-C, but not when a closed terminal says it twice', () => {
  const exit = vi.spyOn(process, 'exit').mockReturnValue(undefined as never);
  using interruption = onInterruption(() => undefined);
  process.emit('SIGHUP', 'SIGHUP');
  process.emit('SIGHUP', 'SIGHUP');
  expect(interruption.signal.aborted).toBe(true);
  expect(exit).not.toHaveBeenCalled();
  process.emit('SIGINT', 'SIGINT');
  expect(exit).toHaveBeenCalledWith(130);
});

it('stops although nobody can be told any more', () => {
  using interruption = onInterruption(() => {
    throw Object.assign(new Error('write EIO'), { code: 'EIO' });
  });
  expect(() => process.emit('SIGHUP', 'SIGHUP')).not.toThrow();
  expect(interruption.signal.aborted).toBe(true);
});
