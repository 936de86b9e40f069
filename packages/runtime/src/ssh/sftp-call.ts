import { RuntimeError } from '../runtime-error.js';

// Status codes of the SFTP protocol, draft-ietf-secsh-filexfer-02 section 7.
const NO_SUCH_FILE = 2;
const PERMISSION_DENIED = 3;

/** Calls an SFTP operation and waits for its answer. @throws RuntimeError as {@link fileFailure} makes it. */
export function sftpCall(
  doing: string,
  path: string,
  place: string,
  call: (done: (error?: Error | null) => void) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    try {
      call((error) => {
        if (error) reject(fileFailure(doing, path, place, error));
        else resolve();
      });
    } catch (error) {
      reject(fileFailure(doing, path, place, error)); // ssh2 throws when the connection is already gone
    }
  });
}

/** Turns what went wrong with a remote file into `SSH_FILE_NOT_FOUND`, `SSH_FILE_DENIED` or `SSH_FILE_FAILED`. */
export function fileFailure(doing: string, path: string, place: string, cause: unknown): RuntimeError {
  if (cause instanceof RuntimeError && cause.code !== 'COMMAND_FAILED') return cause;
  const { code, message } = cause as { readonly code?: unknown; readonly message?: string };
  const details = { path, place };
  if (code === NO_SUCH_FILE || /no such file/i.test(message ?? ''))
    return new RuntimeError(
      'SSH_FILE_NOT_FOUND',
      `Could not ${doing} ${path} on ${place}: there is no such file.`,
      {
        cause,
        details,
      },
    );
  if (code === PERMISSION_DENIED || /permission denied/i.test(message ?? ''))
    return new RuntimeError('SSH_FILE_DENIED', `Could not ${doing} ${path} on ${place}: permission denied.`, {
      cause,
      details,
    });
  return new RuntimeError(
    'SSH_FILE_FAILED',
    `Could not ${doing} ${path} on ${place}: ${message ?? 'unknown reason'}`,
    {
      cause,
      details,
    },
  );
}
