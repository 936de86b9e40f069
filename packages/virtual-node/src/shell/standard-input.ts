import type { Readable } from 'node:stream';

/** Where a command reads from: all of it, or line by line for prompts. */
export interface StandardInput {
  /** The next line without its end; undefined when there is nothing more. */
  readLine(): Promise<string | undefined>;
  /** Everything that has not been read yet. */
  readAll(): Promise<Buffer>;
}

/** Input that is known beforehand. */
export class BufferedInput implements StandardInput {
  #rest: Buffer;

  constructor(content: Uint8Array) {
    this.#rest = Buffer.from(content);
  }

  readLine(): Promise<string | undefined> {
    const { line, rest } = splitLine(this.#rest) ?? { line: undefined, rest: Buffer.alloc(0) };
    const last = line ?? (this.#rest.length > 0 ? this.#rest.toString('utf8') : undefined);
    this.#rest = rest;
    return Promise.resolve(last);
  }

  readAll(): Promise<Buffer> {
    const all = this.#rest;
    this.#rest = Buffer.alloc(0);
    return Promise.resolve(all);
  }
}

/** Input that arrives over a channel. */
export class StreamedInput implements StandardInput {
  #held: Buffer = Buffer.alloc(0);
  #ended = false;
  #wake: (() => void) | undefined;

  /** @param killed - when it fires, nothing more is read: whoever waits for input is to end */
  constructor(stream: Readable, killed?: AbortSignal) {
    stream.on('data', (chunk: Buffer) => {
      this.#held = Buffer.concat([this.#held, chunk]);
      this.#wake?.();
    });
    const end = (): void => {
      this.#ended = true;
      this.#wake?.();
    };
    stream.on('end', end);
    stream.on('close', end);
    stream.on('error', end);
    killed?.addEventListener('abort', end, { once: true });
  }

  async readLine(): Promise<string | undefined> {
    for (;;) {
      const split = splitLine(this.#held);
      if (split !== undefined) {
        this.#held = split.rest;
        return split.line;
      }
      if (this.#ended) {
        const last = this.#held.length > 0 ? this.#held.toString('utf8') : undefined;
        this.#held = Buffer.alloc(0);
        return last;
      }
      await this.#more();
    }
  }

  async readAll(): Promise<Buffer> {
    while (!this.#ended) await this.#more();
    const all = this.#held;
    this.#held = Buffer.alloc(0);
    return all;
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

function splitLine(bytes: Buffer): { line: string; rest: Buffer } | undefined {
  const at = bytes.indexOf(0x0a);
  if (at < 0) return undefined;
  return { line: bytes.subarray(0, at).toString('utf8').replace(/\r$/, ''), rest: bytes.subarray(at + 1) };
}
