import { readSegments } from '../disk/file-segment.js';
import { isZero } from '../disk/is-zero.js';
import { readFully } from '../disk/read-fully.js';
import { ScratchFile } from '../disk/scratch-file.js';
import { ImageError } from '../image-error.js';
import type { ConcurrencyLimit } from './concurrency-limit.js';
import { wrongLength, type DecodedBlock } from './decoded-block.js';
import type { XzCodec, XzDecodeOptions } from './xz-codec.js';
import type { ExcerptedStream } from './xz-excerpt.js';

/** Decoded beyond what is asked for: neighbours are read soon, and a step is not begun for every page. */
const READ_AHEAD_BYTES = 256 * 1024;

/** Written at a time: every wait for a write costs a turn of the event loop. */
const CHUNKS_BYTES = 512 * 1024;
/** After so much another block has its turn. */
const TURN_BYTES = 2 * 1024 * 1024;

export interface ProgressiveBlockOptions extends XzDecodeOptions {
  readonly scratchDir: string;
  /** Taken while the decoder is at work, not while it waits to be asked. */
  readonly decoding: ConcurrencyLimit;
}

interface Waiting {
  /** How much has to be decoded, in bytes from the beginning. */
  readonly end: number;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * A large block that is decoded as far as it is read, into a scratch file: it stays in the page cache of the host and not
 * in this process.
 *
 * @remarks The check of the block stands behind its data, so that only a block decoded to its end is known to be whole.
 * Errors of reading: `IMAGE_CORRUPT`, `IMAGE_HOST_NO_SPACE`, `IMAGE_WRITE_FAILED`.
 */
export class ProgressiveBlock implements DecodedBlock {
  readonly memoryBytes = 0;
  readonly scratchBytes: number;
  readonly #scratch: ScratchFile;
  readonly #chunks: AsyncGenerator<Buffer, void, undefined>;
  readonly #options: ProgressiveBlockOptions;
  readonly #dictionaryBytes: number;
  readonly #waiting = new Set<Waiting>();
  #available = 0;
  #wanted = 0;
  #complete = false;
  #closed = false;
  #decoding: Promise<void> | undefined;

  private constructor(
    scratch: ScratchFile,
    chunks: AsyncGenerator<Buffer, void, undefined>,
    { rawBytes, dictionaryBytes }: ExcerptedStream,
    options: ProgressiveBlockOptions,
  ) {
    this.#scratch = scratch;
    this.#chunks = chunks;
    this.#options = options;
    this.#dictionaryBytes = dictionaryBytes;
    this.scratchBytes = rawBytes;
  }

  static async begin(
    codec: XzCodec,
    excerpt: ExcerptedStream,
    options: ProgressiveBlockOptions,
  ): Promise<ProgressiveBlock> {
    const scratch = await ScratchFile.create(options.scratchDir, excerpt.rawBytes);
    const chunks = codec.decode(readSegments(excerpt.segments, options.signal), options);
    return new ProgressiveBlock(scratch, chunks, excerpt, options);
  }

  get decoderBytes(): number | undefined {
    return this.#complete ? undefined : this.#dictionaryBytes;
  }

  async read(offset: number, length: number, into?: Buffer): Promise<Buffer> {
    await this.#advanceTo(offset + length);
    const bytes = into?.subarray(0, length) ?? Buffer.allocUnsafeSlow(length);
    await readFully(this.#scratch.handle, this.#scratch.path, bytes, offset);
    return bytes;
  }

  finish(): Promise<void> {
    return this.#advanceTo(this.scratchBytes);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await this.#decoding;
    this.#answer(new ImageError('IMAGE_UNREADABLE', `${this.#options.path} was closed while in use`));
    await this.#chunks.return().catch(() => undefined); // how the decoder ended no longer matters
    await this.#scratch[Symbol.asyncDispose]();
  }

  /** Waits until so much is decoded; all of it only counts when the decoder found its check right. */
  async #advanceTo(end: number): Promise<void> {
    this.#wanted = Math.max(this.#wanted, Math.min(end + READ_AHEAD_BYTES, this.scratchBytes));
    if (this.#isDecoded(end)) return;
    await new Promise<void>((resolve, reject) => {
      this.#waiting.add({ end, resolve, reject });
      this.#decodeForWaiting();
    });
  }

  #decodeForWaiting(): void {
    if (this.#closed || this.#waiting.size === 0) return;
    this.#decoding ??= this.#options.decoding
      .run(() => this.#decodeSome())
      .then(
        () => this.#answer(),
        (error: unknown) => this.#answer(error),
      )
      .then(() => {
        this.#decoding = undefined;
        this.#decodeForWaiting();
      });
  }

  #isDecoded(end: number): boolean {
    return this.#complete || (this.#available >= end && end < this.scratchBytes);
  }

  /** Answers everybody whose bytes are there, and with an error also the others. */
  #answer(error?: unknown): void {
    for (const waiting of this.#waiting) {
      if (error === undefined && !this.#isDecoded(waiting.end)) continue;
      this.#waiting.delete(waiting);
      if (error === undefined) waiting.resolve();
      else waiting.reject(error);
    }
  }

  async #decodeSome(): Promise<void> {
    const { signal, path } = this.#options;
    const stop = Math.min(this.#available + TURN_BYTES, this.scratchBytes);
    while (!this.#closed && !this.#isDecoded(this.#wanted) && this.#available < stop) {
      signal.throwIfAborted();
      await this.#decodeChunks(Math.min(this.#available + CHUNKS_BYTES, this.#wanted));
      this.#answer();
    }
    if (this.#closed || this.#complete || this.#available < this.scratchBytes) return;
    const next = await this.#chunks.next();
    if (next.done !== true) throw wrongLength(path);
    this.#complete = true;
  }

  /** Decodes up to an offset at least. Zeros are not written: the scratch file is a hole to begin with. */
  async #decodeChunks(end: number): Promise<void> {
    let position = this.#available;
    let data: Buffer[] = [];
    let dataOffset = position;
    while (position < end) {
      const { value: chunk, done } = await this.#chunks.next();
      const length = done === true ? 0 : chunk.length;
      if (length === 0 || position + length > this.scratchBytes) throw wrongLength(this.#options.path);
      position += length;
      if (chunk && !isZero(chunk)) {
        data.push(chunk);
      } else {
        if (data.length > 0) await this.#scratch.writeAll(data, dataOffset);
        data = [];
        dataOffset = position;
      }
    }
    if (data.length > 0) await this.#scratch.writeAll(data, dataOffset);
    this.#available = position;
  }
}
