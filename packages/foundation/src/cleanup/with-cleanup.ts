import { CleanupStack } from './cleanup-stack.js';

/**
 * Runs work with a cleanup stack that is undone when the work ends, whatever its outcome.
 *
 * @param onSecondFailure - is told of a cleanup that failed after the work had failed: the work's error is the one
 * thrown (`await using` would hide it inside a SuppressedError).
 * @throws What the work throws, or AggregateError when only its cleanup failed.
 */
export async function withCleanup<T>(
  work: (cleanup: CleanupStack) => Promise<T>,
  onSecondFailure: (error: unknown) => void,
): Promise<T> {
  const cleanup = new CleanupStack();
  let result: T;
  try {
    result = await work(cleanup);
  } catch (error) {
    await cleanup[Symbol.asyncDispose]().catch(onSecondFailure);
    throw error;
  }
  await cleanup[Symbol.asyncDispose]();
  return result;
}
