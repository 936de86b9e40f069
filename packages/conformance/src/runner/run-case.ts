import type { ConformanceCase } from '../conformance-case.js';
import { ConformanceError } from './conformance-error.js';

const LIMIT_MS = 120_000;

/** Runs one case. @returns Undefined when it passed, else what it failed with. */
export async function runCase(run: ConformanceCase['run'], limitMs = LIMIT_MS): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(
        new ConformanceError('CONFORMANCE_CASE_TIMEOUT', `it did not end within ${limitMs / 1000} s`, {
          hint: 'What is waited for does not come. Run the suite from a test to look into it.',
        }),
      );
    }, limitMs);
  });
  try {
    await Promise.race([run(), late]);
    return undefined;
  } catch (error) {
    return error ?? new Error('it failed with nothing');
  } finally {
    clearTimeout(timer);
  }
}
