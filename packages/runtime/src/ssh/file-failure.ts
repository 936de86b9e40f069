import { RuntimeError } from '../runtime-error.js';

/** Turns what went wrong with a remote file into `SSH_FILE_NOT_FOUND`, `SSH_FILE_DENIED` or `SSH_FILE_FAILED`. */
export function fileFailure(doing: string, path: string, place: string, cause: unknown): RuntimeError {
  if (cause instanceof RuntimeError && cause.code !== 'COMMAND_FAILED') return cause;
  const message = cause instanceof Error ? cause.message : String(cause);
  const stderr = cause instanceof RuntimeError ? cause.details['stderr'] : undefined;
  const said = typeof stderr === 'string' && stderr !== '' ? stderr : message;
  const options = { cause, details: { path, place } };
  const could = `Could not ${doing} ${path} on ${place}`;
  if (/no such file/i.test(said))
    return new RuntimeError('SSH_FILE_NOT_FOUND', `${could}: there is no such file.`, options);
  if (/permission denied/i.test(said))
    return new RuntimeError('SSH_FILE_DENIED', `${could}: permission denied.`, options);
  return new RuntimeError('SSH_FILE_FAILED', `${could}: ${said}`, options);
}
