import { CleanupStack } from '@turingpi/foundation';
import type { FileRange } from '../disk/file-segment.js';
import { isZero } from '../disk/is-zero.js';
import { readFully } from '../disk/read-fully.js';
import { ScratchFile } from '../disk/scratch-file.js';
import { ImageError } from '../image-error.js';
import type { ConcurrencyLimit } from './concurrency-limit.js';
import { isIncompressible } from './is-incompressible.js';
import type { LocatedBlock } from './located-block.js';
import { renderStoredBlock } from './stored-block.js';
import type { XzCheck } from './xz-check.js';
import type { XzCodec } from './xz-codec.js';
import { readXzLayout } from './xz-layout.js';

export interface PieceEncoderOptions {
  readonly codec: XzCodec;
  readonly scratchDir: string;
  /** Taken while an encoder is at work. */
  readonly encoding: ConcurrencyLimit;
  readonly signal: AbortSignal;
}

/**
 * Encodes pieces of an image as one block each, into a scratch file that lives as long as this object.
 *
 * @remarks Only what gains from it goes through the encoder: pieces of zeros are encoded once, and what is compressed
 * already is stored.
 */
export class PieceEncoder implements AsyncDisposable {
  readonly #options: PieceEncoderOptions;
  readonly #cleanup = new CleanupStack();
  readonly #zeros = new Map<string, LocatedBlock>();
  #scratch: Promise<ScratchFile> | undefined;
  #endOfScratch = 0;

  constructor(options: PieceEncoderOptions) {
    this.#options = options;
  }

  /**
   * Encodes pieces as soon as an encoder is free.
   *
   * @param read - Gives the pieces, which together should be a few megabytes, as they are held in memory.
   * @returns One block for each piece, in order.
   * @throws ImageError `IMAGE_HOST_NO_SPACE`, `IMAGE_WRITE_FAILED`; the reason of the signal; what `read` throws.
   */
  encode(read: () => Promise<readonly Buffer[]>, check: XzCheck): Promise<LocatedBlock[]> {
    return this.#options.encoding.run(async () => {
      this.#options.signal.throwIfAborted();
      return this.#encode(await read(), check);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#cleanup[Symbol.asyncDispose]();
  }

  async #encode(pieces: readonly Buffer[], check: XzCheck): Promise<LocatedBlock[]> {
    const blocks = new Map<number, LocatedBlock>();
    const zeros = new Map<number, string>();
    const coded: number[] = [];
    for (const [index, piece] of pieces.entries()) {
      if (isZero(piece)) {
        const key = `${check} ${piece.length}`;
        if (!this.#zeros.has(key) && ![...zeros.values()].includes(key)) coded.push(index);
        zeros.set(index, key);
      } else if (await isIncompressible(piece)) {
        const { bytes, unpaddedBytes } = renderStoredBlock(piece, check);
        const { file, path, offset } = await this.#append(bytes);
        const block = { check, unpaddedBytes, paddedBytes: bytes.length, rawBytes: piece.length };
        blocks.set(index, { file, path, block: { ...block, fileOffset: offset, rawOffset: 0 } });
      } else {
        coded.push(index);
      }
    }
    const encoded = await this.#encodeAll(
      coded.flatMap((index) => pieces[index] ?? []),
      check,
    );
    for (const [position, index] of coded.entries()) {
      const block = encoded[position];
      if (block) blocks.set(index, block);
      const key = zeros.get(index);
      if (block && key !== undefined) this.#zeros.set(key, block);
    }
    return pieces.map((_piece, index) => {
      const block = blocks.get(index) ?? this.#zeros.get(zeros.get(index) ?? '');
      if (!block) throw new RangeError(`piece ${index} was not encoded`);
      return block;
    });
  }

  async #encodeAll(pieces: readonly Buffer[], check: XzCheck): Promise<LocatedBlock[]> {
    if (pieces.length === 0) return [];
    const { codec, scratchDir, signal } = this.#options;
    await using output = await ScratchFile.create(scratchDir);
    const { handle, path } = output;
    const blockBytes = pieces.map(({ length }) => length);
    await codec.encodeToFile(chunks(pieces), handle, { check, blockBytes, signal });
    const { blocks } = await readXzLayout(handle, path, (await handle.stat()).size);
    const asAsked = blocks.every(({ rawBytes }, index) => rawBytes === blockBytes[index]);
    if (blocks.length !== pieces.length || !asAsked) {
      throw new ImageError(
        'IMAGE_WRITE_FAILED',
        'The xz encoder did not cut its output into the blocks asked for',
      );
    }
    const start = blocks[0]?.fileOffset ?? 0;
    const bytes = Buffer.allocUnsafeSlow(blocks.reduce((sum, { paddedBytes }) => sum + paddedBytes, 0));
    await readFully(handle, path, bytes, start); // blocks of one stream lie one behind another
    const { file, path: scratch, offset } = await this.#append(bytes);
    return blocks.map((block) => ({
      file,
      path: scratch,
      block: { ...block, fileOffset: offset + block.fileOffset - start, rawOffset: 0 },
    }));
  }

  async #append(bytes: Buffer): Promise<FileRange> {
    const scratch = await (this.#scratch ??= this.#createScratch());
    const offset = this.#endOfScratch;
    this.#endOfScratch += bytes.length;
    await scratch.write(bytes, offset);
    return { file: scratch.handle, path: scratch.path, offset, length: bytes.length };
  }

  async #createScratch(): Promise<ScratchFile> {
    return this.#cleanup.use('remove encoded pieces', await ScratchFile.create(this.#options.scratchDir));
  }
}

async function* chunks(pieces: readonly Buffer[]): AsyncGenerator<Buffer, void, undefined> {
  for (const piece of pieces) yield await Promise.resolve(piece);
}
