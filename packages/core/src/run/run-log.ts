import { closeSync, constants, ftruncateSync, mkdirSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { assertOurDirectory, runFileOf } from './run-files.js';
import type { RunEvent } from './run-event.js';

// Omit over a union must be applied to each member, or only the common keys are left.
type WithoutPlace<E> = E extends unknown ? Omit<E, 'seq' | 'runId'> : never;

/** What happens in a run, before it has its place in the file. */
export type RunLogEvent = WithoutPlace<RunEvent>;

/** So many events are kept while they cannot be written, as on a disk that is full for a moment. */
const MOST_KEPT = 2000;

/**
 * The file of one run, which is only added to. A line is with the system when {@link write} returns: a process that is
 * killed loses at most the line that it was writing.
 *
 * @remarks Never throws: nothing fails because of its log. What cannot be written is written with a later line; what is
 * lost all the same is said in a note.
 */
export class RunLog {
  #descriptor: number | undefined;
  #sizeBytes = 0;
  #seq = 0;
  #kept: RunLogEvent[] = [];
  #lost = 0;
  #hasWarned = false;

  /**
   * @param directory - of the runs; made when it is missing
   * @param warn - told once when something cannot be written
   * @param onLine - told each line that was written
   */
  constructor(
    readonly directory: string,
    readonly runId: string,
    private readonly warn: (error: unknown) => void,
    private readonly onLine: (line: string) => void = () => undefined,
  ) {}

  /** Where it is. */
  get file(): string {
    return runFileOf(this.directory, this.runId);
  }

  write(event: RunLogEvent): void {
    if (this.#kept.length < MOST_KEPT) this.#kept.push(event);
    else this.#lost += 1;
    this.#flush();
  }

  /** Closes the file; what could not be written is tried once more. */
  close(): void {
    this.#flush();
    if (this.#descriptor === undefined) return;
    try {
      closeSync(this.#descriptor);
      if (this.#sizeBytes === 0) unlinkSync(this.file); // nobody learns anything by it
    } catch (error) {
      this.#warnOnce(error);
    }
    this.#descriptor = undefined;
  }

  #flush(): void {
    try {
      for (let next = this.#kept[0]; next !== undefined; next = this.#kept[0]) {
        this.#append(next);
        this.#kept.shift();
      }
      if (this.#lost === 0) return;
      const text = `${this.#lost} events could not be written here and are lost`;
      this.#append({ type: 'run:note', at: new Date().toISOString(), text });
      this.#lost = 0;
    } catch (error) {
      this.#warnOnce(error);
    }
  }

  #append(event: RunLogEvent): void {
    const { type, ...facts } = event;
    const line = JSON.stringify({ seq: this.#seq, runId: this.runId, type, ...facts });
    const bytes = Buffer.from(`${line}\n`);
    const descriptor = (this.#descriptor ??= this.#open());
    try {
      let done = 0;
      while (done < bytes.length) done += writeSync(descriptor, bytes, done);
    } catch (error) {
      // Half a line must not swallow the next one.
      ftruncateSync(descriptor, this.#sizeBytes);
      throw error;
    }
    this.#sizeBytes += bytes.length;
    this.#seq += 1;
    this.onLine(line);
  }

  #open(): number {
    mkdirSync(this.directory, { recursive: true, mode: 0o700 });
    assertOurDirectory(this.directory);
    const { O_WRONLY, O_CREAT, O_EXCL, O_APPEND } = constants;
    return openSync(this.file, O_WRONLY | O_CREAT | O_EXCL | O_APPEND, 0o600);
  }

  #warnOnce(error: unknown): void {
    if (!this.#hasWarned) this.warn(error);
    this.#hasWarned = true;
  }
}
