import type { WriteStream } from 'node:tty';

/** What a command sees of the world outside: given by `main`, replaced in tests. */
export interface Terminal {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly cwd: string;
}

/** A stream that people or programs read. */
export type Output = NodeJS.WritableStream & Partial<Pick<WriteStream, 'isTTY' | 'columns'>>;
