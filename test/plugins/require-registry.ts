import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/**
 * Says whether the package registry answers that npm is configured to use. Otherwise the test is skipped; with `CI=true`
 * that is a failure.
 */
export async function requireRegistry(): Promise<{ readonly missing: boolean }> {
  try {
    await promisify(execFile)('npm', ['ping', '--fetch-retries=0', '--fetch-timeout=10000']);
    return { missing: false };
  } catch (error) {
    const text = 'the package registry does not answer';
    if (process.env['CI'] === 'true') throw new Error(text, { cause: error });
    process.stderr.write(`skipping: ${text}\n`);
    return { missing: true };
  }
}
