import { closeSync, fstatSync, readSync } from 'node:fs';
import { openOurFile } from './run-files.js';

const CHUNK_BYTES = 256 * 1024;
/** A longer line is none of ours. */
const LONGEST_LINE_BYTES = 1024 * 1024;

/**
 * The lines of a file that may grow: whole ones only, for the last may be half written. Lines that are longer than any of
 * ours are left out.
 */
export class RunLines implements Disposable {
  readonly #descriptor: number;
  readonly #chunk = Buffer.alloc(CHUNK_BYTES);
  #offset = 0;
  #rest: Buffer = Buffer.alloc(0);
  #isSkipping = false;

  /** @throws NotOurFile; what the system says. */
  constructor(file: string) {
    this.#descriptor = openOurFile(file);
  }

  get sizeBytes(): number {
    return fstatSync(this.#descriptor).size;
  }

  /** Goes on near the end: what follows begins at a whole line among the last so many bytes. */
  skipTo(lastBytes: number): void {
    const from = this.sizeBytes - lastBytes;
    if (from <= this.#offset) return;
    this.#offset = from;
    this.#rest = Buffer.alloc(0);
    this.#isSkipping = true;
  }

  /** Whole lines that were not read yet, not necessarily all; empty at the end of what is there. */
  next(): readonly string[] {
    for (;;) {
      const count = readSync(this.#descriptor, this.#chunk, 0, CHUNK_BYTES, this.#offset);
      if (count === 0) return [];
      this.#offset += count;
      const lines = this.#take(Buffer.concat([this.#rest, this.#chunk.subarray(0, count)]));
      if (lines.length > 0) return lines;
    }
  }

  #take(bytes: Buffer): string[] {
    const end = bytes.lastIndexOf(0x0a) + 1;
    this.#rest = bytes.subarray(end);
    const lines = end === 0 ? [] : bytes.toString('utf8', 0, end - 1).split('\n');
    if (end > 0 && this.#isSkipping) lines.shift(); // the rest of a line whose beginning is not here
    if (end > 0) this.#isSkipping = false;
    if (this.#rest.length > LONGEST_LINE_BYTES) {
      this.#rest = Buffer.alloc(0);
      this.#isSkipping = true;
    }
    return lines.filter((line) => line.length <= LONGEST_LINE_BYTES);
  }

  [Symbol.dispose](): void {
    closeSync(this.#descriptor);
  }
}
