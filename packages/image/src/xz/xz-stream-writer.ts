import type { FileHandle } from 'node:fs/promises';
import { hostFileError } from '../disk/host-file-error.js';
import { writeFully } from '../disk/write-fully.js';
import { xzCheckSize, type XzCheck } from './xz-check.js';
import { paddedToFour, parseIndex, renderIndex, type XzIndexRecord } from './xz-index.js';
import {
  parseStreamFooter,
  renderStreamFooter,
  renderStreamHeader,
  XZ_FRAME_BYTES,
} from './xz-stream-frame.js';

/** Puts the blocks of many small streams into one stream in a file. */
export class XzStreamWriter {
  readonly #records: XzIndexRecord[] = [];
  #position = 0;

  constructor(
    private readonly target: FileHandle,
    private readonly check: XzCheck,
  ) {}

  async begin(): Promise<void> {
    await this.#append(renderStreamHeader(this.check));
  }

  /**
   * Appends all blocks of a complete stream that has the same check, or the shortest one where this stream has none: it
   * is cut off then, because not every encoder can be told to leave it out.
   */
  async addBlocksOf(stream: Buffer): Promise<void> {
    const footer = parseStreamFooter(stream.subarray(-XZ_FRAME_BYTES));
    const surplus = this.check === 'none' ? xzCheckSize(footer.check) : 0;
    if (footer.check !== this.check && surplus !== 4) {
      throw new RangeError(`a ${footer.check} block in a ${this.check} stream`);
    }
    const indexStart = stream.length - XZ_FRAME_BYTES - footer.indexBytes;
    let offset = XZ_FRAME_BYTES;
    for (const { unpaddedBytes, rawBytes } of parseIndex(stream.subarray(indexStart, -XZ_FRAME_BYTES))) {
      const end = offset + paddedToFour(unpaddedBytes);
      this.#records.push({ unpaddedBytes: unpaddedBytes - surplus, rawBytes });
      await this.#append(stream.subarray(offset, end - surplus));
      offset = end;
    }
  }

  /** Appends a block with its padding, in parts. */
  async addBlock(parts: AsyncIterable<Buffer>, record: XzIndexRecord): Promise<void> {
    const start = this.#position;
    for await (const part of parts) await this.#append(part);
    if (this.#position - start !== paddedToFour(record.unpaddedBytes)) {
      throw new RangeError(`a block of ${this.#position - start} bytes, not ${record.unpaddedBytes}`);
    }
    this.#records.push(record);
  }

  async end(): Promise<void> {
    const index = renderIndex(this.#records);
    await this.#append(Buffer.concat([index, renderStreamFooter(this.check, index.length)]));
  }

  async #append(bytes: Buffer): Promise<void> {
    try {
      await writeFully(this.target, bytes, this.#position);
    } catch (error) {
      throw hostFileError(error, 'a temporary file', 'write');
    }
    this.#position += bytes.length;
  }
}
