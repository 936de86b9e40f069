import { describe, expect, it, vi } from 'vitest';
import { CleanupStack } from './cleanup-stack.js';
import { withCleanup } from './with-cleanup.js';

describe('CleanupStack', () => {
  it('undoes the last first, goes on after a failure and tells of all of them', async () => {
    const log: string[] = [];
    const stack = new CleanupStack();
    stack.defer('one', () => void log.push('one'));
    stack.defer('two', () => {
      throw new Error('two failed');
    });
    stack.use('three', { [Symbol.asyncDispose]: async () => void log.push('three') });
    const error = await stack[Symbol.asyncDispose]().catch((thrown: unknown) => thrown);
    expect(log).toEqual(['three', 'one']);
    expect(error).toBeInstanceOf(AggregateError);
    expect((error as AggregateError).errors).toMatchObject([{ message: 'cleanup failed: two' }]);
    await stack[Symbol.asyncDispose](); // each step once
    expect(log).toHaveLength(2);
  });

  it('hands its steps over', async () => {
    const log: string[] = [];
    const stack = new CleanupStack();
    stack.defer('one', () => void log.push('one'));
    const moved = stack.move();
    await stack[Symbol.asyncDispose]();
    expect(log).toEqual([]);
    await moved[Symbol.asyncDispose]();
    expect(log).toEqual(['one']);
  });
});

describe('withCleanup', () => {
  it('throws the error of the work, and tells of a cleanup that failed too', async () => {
    const second = vi.fn();
    const work = withCleanup(async (cleanup) => {
      cleanup.defer('x', () => Promise.reject(new Error('cleanup')));
      throw new Error('work');
    }, second);
    await expect(work).rejects.toThrow('work');
    expect(second).toHaveBeenCalledWith(expect.any(AggregateError));
  });

  it('throws when only the cleanup failed', async () => {
    const work = withCleanup(async (cleanup) => {
      cleanup.defer('x', () => Promise.reject(new Error('cleanup')));
      return 1;
    }, vi.fn());
    await expect(work).rejects.toBeInstanceOf(AggregateError);
  });
});
