import { execFile } from 'node:child_process';
import { ImageError } from '../image-error.js';

/** A user's PATH may leave the system's programs out. */
const SYSTEM_FOLDERS = '/usr/sbin:/sbin:/usr/bin:/bin';

export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a system program to its end, whatever its exit code. Without a signal it is not stopped half way: a mount that was
 * begun is to be finished, so that it can be undone.
 *
 * @param options - `signal`: ends it, for one that changes nothing
 * @throws ImageError `IMAGE_NO_BACKEND` when it is not installed; the reason of the signal.
 */
export function runHostCommand(
  program: string,
  args: readonly string[],
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<CommandResult> {
  const options = { env: { PATH: SYSTEM_FOLDERS, LC_ALL: 'C' }, maxBuffer: 16 * 1024 * 1024 };
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const child = execFile(program, [...args], options, (error, stdout, stderr) => {
      signal?.removeEventListener('abort', stop);
      if (error === null) resolve({ exitCode: 0, stdout, stderr });
      else if (typeof error.code === 'number') resolve({ exitCode: error.code, stdout, stderr });
      else if ((error as NodeJS.ErrnoException).code === 'ENOENT')
        reject(
          new ImageError('IMAGE_NO_BACKEND', `The program ${program} is not installed.`, {
            hint: 'The loop backend needs mount and losetup (package mount) and e2fsck (package e2fsprogs).',
          }),
        );
      else reject(new ImageError('IMAGE_WRITE_FAILED', `${program} was stopped.`, { cause: error }));
    });
    const stop = () => {
      child.kill('SIGKILL'); // the signal of `execFile` would ask politely
      reject(signal?.reason as Error);
    };
    signal?.addEventListener('abort', stop, { once: true });
  });
}
