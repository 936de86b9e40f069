import { randomBytes } from 'node:crypto';
import { closeSync, readSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { cancelFileOf, openOurFile } from './run-files.js';

/** Between two looks for a request, in milliseconds. */
const LOOK_EVERY_MS = 500;
const LONGEST_REQUEST_BYTES = 4096;
const LONGEST_NAME = 200;

/** The reason of a run's signal when it was asked to stop through its file, as `turingpi run cancel` does. */
export class RunCancelled extends Error {
  override readonly name = 'AbortError';

  /** @param by - who asked for it */
  constructor(readonly by: string) {
    super(`stopped by ${by}`);
  }
}

/** Looks whether somebody asks a run to stop, until it is disposed: no signal of the system is needed for it. */
export class CancelWatch implements Disposable {
  readonly #file: string;
  readonly #timer: NodeJS.Timeout;

  /** @param onRequest - told once, who asks */
  constructor(directory: string, id: string, onRequest: (by: string) => void) {
    this.#file = cancelFileOf(directory, id);
    this.#timer = setInterval(() => {
      const by = readRequest(this.#file);
      if (by === undefined) return;
      clearInterval(this.#timer);
      onRequest(by);
    }, LOOK_EVERY_MS).unref();
  }

  /** Ends it, and removes the request. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    try {
      unlinkSync(this.#file);
    } catch {
      // Mostly there is none; one that stays is of a run that is over.
    }
  }
}

/**
 * Leaves a request for a run to stop, whole or not at all: half of one, as a full disk leaves it, would never be taken and
 * keep others from being made.
 *
 * @param by - who asks
 * @throws What the system says.
 */
export function writeRequest(directory: string, id: string, by: string): void {
  const file = cancelFileOf(directory, id);
  const temporary = `${file}.${randomBytes(4).toString('hex')}`;
  try {
    writeFileSync(temporary, JSON.stringify({ by }), { mode: 0o600, flag: 'wx' });
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** Who made a request; undefined when there is none, or it is not of this user. */
function readRequest(file: string): string | undefined {
  let descriptor: number;
  try {
    descriptor = openOurFile(file);
  } catch {
    return undefined;
  }
  try {
    const bytes = Buffer.alloc(LONGEST_REQUEST_BYTES);
    const { by } = JSON.parse(bytes.toString('utf8', 0, readSync(descriptor, bytes))) as { by?: unknown };
    return typeof by === 'string' && by !== '' ? by.slice(0, LONGEST_NAME) : undefined;
  } catch {
    return undefined; // half of it is written yet: the next look finds the rest
  } finally {
    closeSync(descriptor);
  }
}

/** Who asked for a stop, by the reason of a signal: a signal's name, a request's author, or the program around it. */
export function cancelledBy(reason: unknown): string {
  const by: unknown = typeof reason === 'object' && reason !== null && 'by' in reason ? reason.by : undefined;
  return typeof by === 'string' ? by : 'the program';
}
