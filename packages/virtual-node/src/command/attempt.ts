import type { CommandCall } from '../shell/command.js';
import { FileFailure } from '../system/file-failure.js';

/**
 * Does one thing of a program and says what failed, as such programs do.
 *
 * @param failed - exit status after a failure
 * @param what - for example `cannot remove 'x'`
 */
export async function attempt(
  call: CommandCall,
  failed: number,
  what: string,
  run: () => Promise<void>,
): Promise<number> {
  try {
    await run();
    return 0;
  } catch (error) {
    call.io.err(`${call.name}: ${what}: ${FileFailure.from(error, what).message}\n`);
    return failed;
  }
}
