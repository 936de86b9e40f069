import type { Logger } from '@turingpi/foundation';
import type { WriteStream } from 'node:tty';

/** What a command sees of the world outside: given by `main`, replaced in tests. */
export interface Terminal {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly cwd: string;
  /** The logs that the command has opened, by their files: what it fails with is written there as well. */
  readonly logs?: Map<string, Pick<Logger, 'error'>>;
  /** Nothing is said but results, warnings and errors. */
  readonly quiet?: boolean;
}

/** A stream that people or programs read. */
export type Output = NodeJS.WritableStream & Partial<Pick<WriteStream, 'isTTY' | 'columns'>>;
