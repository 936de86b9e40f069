import { open, type FileHandle } from 'node:fs/promises';
import { ImageError } from '../image-error.js';
import { ConcurrencyLimit } from '../xz/concurrency-limit.js';
import { decodeToMemory, decodeToScratch, type DecodedBlock } from '../xz/decoded-block.js';
import { DecodedBlockCache } from '../xz/decoded-block-cache.js';
import { defaultXzCodec, type XzCodec } from '../xz/xz-codec.js';
import { excerptBlocks } from '../xz/xz-excerpt.js';
import { readXzLayout, type XzBlock, type XzLayout } from '../xz/xz-layout.js';
import { XzPieceStore } from '../xz/xz-piece-store.js';
import type { ReadableDisk } from './disk.js';
import { assertInside } from './disk-bounds.js';
import { hostFileError } from './host-file-error.js';
import { sha256OfSegments } from './segment-digest.js';

export interface OpenXzDiskOptions {
  /** Where decoded blocks (in files without a name) and small pieces of touched blocks are kept. */
  readonly cacheDir: string;
  /** Stops all reading when it fires. */
  readonly signal?: AbortSignal;
  /** Default: the system's `xz`, else `lzma-native`. */
  readonly codec?: XzCodec;
}

/** What several disks of one image share. */
interface XzDiskResources {
  readonly cacheDir: string;
  readonly codec: XzCodec;
  readonly signal: AbortSignal;
  readonly cache: DecodedBlockCache;
  readonly limit: ConcurrencyLimit;
  readonly store: XzPieceStore;
}

/** Raw size of the pieces that touched blocks are cut into, in bytes. */
export const XZ_PIECE_BYTES = 1024 * 1024;
/** Blocks up to this size are decoded in memory, and encoded anew whole. */
const SMALL_BLOCK_BYTES = 2 * XZ_PIECE_BYTES;
/** Decoders and encoders at work at a time. */
const PARALLEL_CODERS = 2;

/** An .xz file read at random: only the blocks that are needed are decoded. */
export class XzDisk implements ReadableDisk {
  readonly sizeBytes: number;
  readonly #resources: XzDiskResources;
  readonly #keys = new Map<XzBlock, Promise<string>>();
  readonly #pieces = new Map<XzBlock, Promise<XzDisk | undefined>>();
  readonly #stop: AbortController | undefined;

  /** Use {@link openXzDisk}. */
  constructor(
    readonly file: FileHandle,
    readonly path: string,
    readonly layout: XzLayout,
    resources: XzDiskResources,
    stop?: AbortController,
  ) {
    this.sizeBytes = layout.rawSizeBytes;
    this.#resources = resources;
    this.#stop = stop;
  }

  get codec(): XzCodec {
    return this.#resources.codec;
  }

  get cacheDir(): string {
    return this.#resources.cacheDir;
  }

  async read(offset: number, length: number): Promise<Buffer> {
    assertInside(this, offset, length);
    const end = offset + length;
    const parts: Promise<Buffer>[] = [];
    for (let index = this.blockIndexAt(offset); index < this.layout.blocks.length; index++) {
      const block = this.layout.blocks[index];
      if (!block || block.rawOffset >= end) break;
      const from = Math.max(offset, block.rawOffset);
      const to = Math.min(end, block.rawOffset + block.rawBytes);
      if (to > from) parts.push(this.#readBlock(block, from - block.rawOffset, to - from));
    }
    const [first, ...others] = await Promise.all(parts);
    return first && others.length === 0 ? first : Buffer.concat(first ? [first, ...others] : []);
  }

  /** Index of the block that holds the byte at `offset`. */
  blockIndexAt(offset: number): number {
    const blocks = this.layout.blocks;
    let low = 0;
    let high = blocks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const block = blocks[middle];
      if (block && block.rawOffset + block.rawBytes <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /**
   * A block cut into pieces of {@link XZ_PIECE_BYTES}, from the cache or made now.
   *
   * @returns A disk of just this block; undefined when the block is small enough as it is.
   */
  async piecesOf(block: XzBlock): Promise<XzDisk | undefined> {
    if (block.rawBytes <= SMALL_BLOCK_BYTES) return undefined;
    const found = await this.#findPieces(block);
    if (found) return found;
    const made = this.#makePieces(block);
    this.#pieces.set(block, made);
    made.catch(() => this.#pieces.delete(block));
    return made;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop?.abort(new ImageError('IMAGE_UNREADABLE', `${this.path} was closed while in use`));
    for (const pieces of this.#pieces.values()) {
      await (await pieces.catch(() => undefined))?.[Symbol.asyncDispose]();
    }
    this.#pieces.clear();
    if (this.#stop) await this.#resources.cache[Symbol.asyncDispose]();
    await this.file.close();
  }

  async #readBlock(block: XzBlock, offset: number, length: number): Promise<Buffer> {
    if (!this.#resources.cache.has(block)) {
      const pieces = await this.#findPieces(block);
      if (pieces) return pieces.read(offset, length);
    }
    return this.#useDecoded(block, (decoded) => decoded.read(offset, length));
  }

  #useDecoded<T>(block: XzBlock, task: (decoded: DecodedBlock) => Promise<T>): Promise<T> {
    return this.#resources.cache.use(block, () => this.#resources.limit.run(() => this.#decode(block)), task);
  }

  async #decode(block: XzBlock): Promise<DecodedBlock> {
    const { codec, signal, cacheDir } = this.#resources;
    const excerpt = await excerptBlocks(this.file, this.path, [block]);
    return block.rawBytes <= SMALL_BLOCK_BYTES
      ? decodeToMemory(codec, excerpt, { path: this.path, signal })
      : decodeToScratch(codec, excerpt, { path: this.path, signal, scratchDir: cacheDir });
  }

  #findPieces(block: XzBlock): Promise<XzDisk | undefined> {
    if (block.rawBytes <= SMALL_BLOCK_BYTES) return Promise.resolve(undefined);
    const known = this.#pieces.get(block);
    if (known) return known;
    const found = this.#lookUpPieces(block);
    this.#pieces.set(block, found);
    return found;
  }

  async #lookUpPieces(block: XzBlock): Promise<XzDisk | undefined> {
    const { store, signal } = this.#resources;
    const path = await store.find(await this.#keyOf(block), signal);
    return path === undefined ? undefined : this.#openPieces(path, block);
  }

  async #makePieces(block: XzBlock): Promise<XzDisk | undefined> {
    const { codec, signal, store } = this.#resources;
    const key = await this.#keyOf(block);
    const path = await this.#useDecoded(block, (decoded) =>
      this.#resources.limit.run(() =>
        store.add(key, signal, (target) =>
          codec.encodeToFile(chunksOf(decoded, block.rawBytes), target, {
            check: block.check,
            blockBytes: XZ_PIECE_BYTES,
            signal,
          }),
        ),
      ),
    );
    return this.#openPieces(path, block);
  }

  async #openPieces(path: string, block: XzBlock): Promise<XzDisk | undefined> {
    const pieces = await openXzFile(path, this.#resources).catch(() => undefined);
    const fits = pieces?.sizeBytes === block.rawBytes && pieces.layout.streams[0]?.check === block.check;
    if (pieces && !fits) await pieces[Symbol.asyncDispose]();
    return fits ? pieces : undefined;
  }

  /** What a block's pieces are found by: its encoded bytes decide everything. */
  #keyOf(block: XzBlock): Promise<string> {
    const known = this.#keys.get(block);
    if (known) return known;
    const { file, path } = this;
    const segment = { file, path, offset: block.fileOffset, length: block.paddedBytes };
    const key = sha256OfSegments(
      [{ bytes: Buffer.from(`${block.check} ${XZ_PIECE_BYTES} 0\n`) }, segment],
      this.#resources.signal,
    );
    this.#keys.set(block, key);
    return key;
  }
}

async function* chunksOf(decoded: DecodedBlock, length: number): AsyncGenerator<Buffer, void, undefined> {
  for (let offset = 0; offset < length; offset += XZ_PIECE_BYTES) {
    yield await decoded.read(offset, Math.min(XZ_PIECE_BYTES, length - offset));
  }
}

async function openXzFile(path: string, resources: XzDiskResources, stop?: AbortController): Promise<XzDisk> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (error) {
    throw hostFileError(error, path, 'read');
  }
  try {
    const { size } = await file.stat();
    return new XzDisk(file, path, await readXzLayout(file, path, size), resources, stop);
  } catch (error) {
    await file.close();
    throw hostFileError(error, path, 'read');
  }
}

/**
 * Opens an .xz file as a read-only disk. Only its index is read.
 *
 * @throws ImageError `IMAGE_NOT_FOUND`, `IMAGE_UNREADABLE`, `IMAGE_CORRUPT`, `IMAGE_TOO_LARGE`,
 * `IMAGE_UNSUPPORTED_COMPRESSION`; reading may throw the last four, and `IMAGE_HOST_NO_SPACE`.
 */
export async function openXzDisk(path: string, options: OpenXzDiskOptions): Promise<XzDisk> {
  options.signal?.throwIfAborted();
  const stop = new AbortController();
  const resources: XzDiskResources = {
    cacheDir: options.cacheDir,
    codec: options.codec ?? (await defaultXzCodec()),
    signal: options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal,
    cache: new DecodedBlockCache(),
    limit: new ConcurrencyLimit(PARALLEL_CODERS),
    store: new XzPieceStore(options.cacheDir),
  };
  return openXzFile(path, resources, stop);
}
