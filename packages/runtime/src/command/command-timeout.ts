import { RuntimeError } from '../runtime-error.js';
import { describeCommand } from './command-failure.js';

/** The error of a command whose time was over before it ended. */
export function commandTimeout(
  command: string | readonly string[],
  place: string,
  timeoutMs: number,
): RuntimeError {
  const shown = describeCommand(command);
  return new RuntimeError('COMMAND_TIMEOUT', `"${shown}" on ${place} did not end within ${timeoutMs} ms.`, {
    details: { command: shown, place, timeoutMs },
  });
}
