import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';

/** Where log lines go. */
export interface LogDestination {
  write(line: string): void;
}

/** How much is kept. */
export interface LogLimits {
  /** A file that has got so long, in bytes, is put aside; one line may make it longer. Default: 5 MB. */
  readonly maxBytes?: number;
  /** So many that were put aside are kept: `turingpi.log.1` is the newest. Default: 3. */
  readonly keep?: number;
}

/**
 * A log file of mode 0600 that is appended to at once: lines are few, and the last ones matter most when something goes
 * wrong. Several processes may write to it; each follows when another one has put it aside.
 *
 * @param warn - told once when the file cannot be opened or written: nothing fails because of its log
 */
export function openLogFile(
  file: string,
  warn: (message: string) => void,
  { maxBytes = 5_000_000, keep = 3 }: LogLimits = {},
): LogDestination {
  let warned = false;
  const failed = (error: unknown): void => {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    if (!warned) warn(`the log ${file} cannot be written (${code}); going on without it`);
    warned = true;
  };
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, 'a', 0o600);
  } catch (error) {
    failed(error);
    return { write: () => undefined };
  }
  let torn = false;
  return {
    write: (line) => {
      try {
        descriptor ??= openSync(file, 'a', 0o600);
        if (fstatSync(descriptor).size >= maxBytes) {
          closeSync(descriptor);
          descriptor = undefined;
          descriptor = reopened(file, maxBytes, keep);
        }
        const text = Buffer.from(torn ? `\n${line}` : line);
        torn = false;
        torn = writeSync(descriptor, text) < text.length;
      } catch (error) {
        failed(error); // the disk may have room again for the next line
      }
    },
  };
}

/** Puts the file aside, unless another process has done so meanwhile. @returns A descriptor of the file of now. */
function reopened(file: string, maxBytes: number, keep: number): number {
  const present = openSync(file, 'a', 0o600);
  if (fstatSync(present).size < maxBytes) return present;
  closeSync(present);
  for (let number = keep; number > 0; number--) {
    const from = number === 1 ? file : `${file}.${number - 1}`;
    try {
      renameSync(from, `${file}.${number}`);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error; // not so many yet
    }
  }
  return openSync(file, 'a', 0o600);
}
