import { openSync, writeSync } from 'node:fs';

/** Where log lines go. */
export interface LogDestination {
  write(line: string): void;
}

/**
 * A log file of mode 0600 that is appended to at once: lines are few, and the last ones matter most when something goes
 * wrong.
 *
 * @param warn - told once when the file cannot be opened or written: nothing fails because of its log
 */
export function openLogFile(file: string, warn: (message: string) => void): LogDestination {
  let warned = false;
  const failed = (error: unknown): void => {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    if (!warned) warn(`the log ${file} cannot be written (${code}); going on without it`);
    warned = true;
  };
  let descriptor: number;
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
        const text = Buffer.from(torn ? `\n${line}` : line);
        torn = false;
        torn = writeSync(descriptor, text) < text.length;
      } catch (error) {
        failed(error); // the disk may have room again for the next line
      }
    },
  };
}
