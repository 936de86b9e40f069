import { RuntimeError } from '../runtime-error.js';

const SHOWN_LINES = 8;
const SHOWN_LENGTH = 200;

/** What a failed command is remembered by: the program and the beginning of its arguments, never its input. */
export function describeCommand(command: string | readonly string[]): string {
  const text = (typeof command === 'string' ? command : command.join(' ')).trim().replaceAll(/\s+/g, ' ');
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** The last lines of what a command printed, for a message. */
export function lastLines(output: string): string {
  const lines = output.trimEnd().split(/\r?\n/).slice(-SHOWN_LINES);
  return lines
    .map((line) => (line.length > SHOWN_LENGTH ? `${line.slice(0, SHOWN_LENGTH)}...` : line))
    .join('\n');
}

/** How a command ended that did not end well. */
export interface FailedCommand {
  readonly command: string | readonly string[];
  /** Where it ran: `this machine`, or `user@host`. */
  readonly place: string;
  readonly exitCode: number;
  readonly signal: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Makes the error of a command that ended with a non-zero exit code: `COMMAND_NOT_FOUND` for 127, else `COMMAND_FAILED`. */
export function commandFailure(failed: FailedCommand): RuntimeError {
  const shown = describeCommand(failed.command);
  const said = lastLines(failed.stderr.trim() === '' ? failed.stdout : failed.stderr);
  const how = failed.signal === undefined ? `exit code ${failed.exitCode}` : `signal ${failed.signal}`;
  const notFound = failed.exitCode === 127 && /not found|no such file/i.test(failed.stderr);
  return new RuntimeError(
    notFound ? 'COMMAND_NOT_FOUND' : 'COMMAND_FAILED',
    `"${shown}" on ${failed.place} ended with ${how}${said === '' ? '' : `:\n${said}`}`,
    {
      details: {
        command: shown,
        place: failed.place,
        exitCode: failed.exitCode,
        signal: failed.signal,
        stderr: said,
      },
    },
  );
}
