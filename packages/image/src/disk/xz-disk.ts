import { open, type FileHandle } from 'node:fs/promises';
import { ImageError } from '../image-error.js';
import { BlockStore } from '../xz/block-store.js';
import { ConcurrencyLimit } from '../xz/concurrency-limit.js';
import { cutBlock } from '../xz/cut-block.js';
import { decodeToMemory, type DecodedBlock } from '../xz/decoded-block.js';
import { DecodedBlockCache } from '../xz/decoded-block-cache.js';
import { defaultXzCodec, inProcessXzCodec, type XzCodec } from '../xz/xz-codec.js';
import { HotPages } from '../xz/hot-pages.js';
import { PieceEncoder } from '../xz/piece-encoder.js';
import { ProgressiveBlock } from '../xz/progressive-block.js';
import { excerptBlocks } from '../xz/xz-excerpt.js';
import { blocksIn, readXzLayout, type XzBlock, type XzLayout } from '../xz/xz-layout.js';
import { assertInside } from './disk-bounds.js';
import { hostFileError } from './host-file-error.js';
import type { DiskRange, OverlayBase } from './overlay-disk.js';
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
  /** For blocks of LZMA2 only; undefined when the codec above has to do. */
  readonly smallBlockCodec: () => Promise<XzCodec | undefined>;
  readonly signal: AbortSignal;
  readonly cache: DecodedBlockCache;
  readonly decoding: ConcurrencyLimit;
  readonly encoding: ConcurrencyLimit;
  readonly store: BlockStore;
}

/**
 * Raw size of the pieces that touched blocks are cut into, in bytes.
 *
 * @remarks A changed piece is encoded whole. 256 KiB is the dictionary of preset 0, so that smaller ones would begin to
 * cost size; measured against 1 MiB the pieces are 4 % larger, and an edit of a few places encodes a quarter.
 */
export const XZ_PIECE_BYTES = 256 * 1024;
/** Blocks up to this size are decoded in memory, and encoded anew whole. */
const SMALL_BLOCK_BYTES = 2 * XZ_PIECE_BYTES;
/** Decoders at work at a time, and encoders besides: a read does not wait for an encoder. */
const PARALLEL_CODERS = 2;

/** An .xz file read at random: only the blocks that are needed are decoded. */
export class XzDisk implements OverlayBase {
  readonly sizeBytes: number;
  readonly #resources: XzDiskResources;
  readonly #keys = new Map<XzBlock, Promise<string>>();
  /** Pieces that were found in the cache, or not. */
  readonly #found = new Map<XzBlock, Promise<XzDisk | undefined>>();
  /** Pieces of touched blocks, found or made. */
  readonly #made = new Map<XzBlock, Promise<XzDisk>>();
  readonly #prepared = new Set<XzBlock>();
  readonly #stop: AbortController | undefined;
  readonly #hotPages: HotPages;

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
    this.#hotPages = new HotPages(resources.store, (block) => this.#keyOf(block), resources.signal);
  }

  get codec(): XzCodec {
    return this.#resources.codec;
  }

  get cacheDir(): string {
    return this.#resources.cacheDir;
  }

  /** Encodes pieces of this image while it is open; to be disposed of before it. */
  pieceEncoder(signal: AbortSignal): PieceEncoder {
    const { codec, cacheDir, encoding } = this.#resources;
    return new PieceEncoder({ codec, scratchDir: cacheDir, encoding, signal });
  }

  async read(offset: number, length: number): Promise<Buffer> {
    assertInside(this, offset, length);
    const parts = blocksIn(this.layout.blocks, offset, length).map((block) => {
      const from = Math.max(offset, block.rawOffset);
      const to = Math.min(offset + length, block.rawOffset + block.rawBytes);
      return this.#readBlock(block, from - block.rawOffset, to - from);
    });
    const [first, ...others] = await Promise.all(parts);
    return first && others.length === 0 ? first : Buffer.concat(first ? [first, ...others] : []);
  }

  /** Tells whether a block is so large that touching it means to cut it into pieces. */
  isCutIntoPieces(block: XzBlock): boolean {
    return block.rawBytes > SMALL_BLOCK_BYTES;
  }

  /**
   * A large block cut into pieces of {@link XZ_PIECE_BYTES}, from the cache or made now.
   *
   * @param keepBytes - What comes before this offset in the block is not going to change, and may be one piece.
   * @returns A disk of just this block.
   * @throws ImageError `IMAGE_CORRUPT`, `IMAGE_HOST_NO_SPACE`, `IMAGE_WRITE_FAILED`.
   */
  async piecesOf(block: XzBlock, keepBytes: number): Promise<XzDisk> {
    const making = this.#made.get(block);
    if (making) return making;
    const made = this.#findPieces(block).then((found) => found ?? this.#makePieces(block, keepBytes));
    this.#made.set(block, made);
    made.catch(() => this.#made.delete(block));
    return made;
  }

  /** Begins to decode the blocks of a range to their end, in the background, unless they are in pieces already. */
  prepareToWrite(range: DiskRange): void {
    for (const block of blocksIn(this.layout.blocks, range.offset, range.length)) {
      if (!this.isCutIntoPieces(block) || this.#prepared.has(block)) continue;
      this.#prepared.add(block);
      this.#decodeUnlessInPieces(block).catch(() => undefined); // whoever needs the block meets the failure
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#keepHotPages();
    this.#stop?.abort(new ImageError('IMAGE_UNREADABLE', `${this.path} was closed while in use`));
    const opened = await Promise.allSettled([...this.#made.values(), ...this.#found.values()]);
    const pieces = opened.map((result) => (result.status === 'fulfilled' ? result.value : undefined));
    for (const disk of new Set(pieces)) await disk?.[Symbol.asyncDispose]();
    if (this.#stop) await this.#resources.cache[Symbol.asyncDispose]();
    await this.file.close();
  }

  async #readBlock(block: XzBlock, offset: number, length: number): Promise<Buffer> {
    if (this.isCutIntoPieces(block)) {
      if (this.#resources.cache.has(block)) {
        this.#hotPages.note(block, offset, length);
      } else {
        const pieces = await this.#findPieces(block);
        if (pieces) return pieces.read(offset, length);
        const kept = await this.#hotPages.read(block, offset, length);
        if (kept) return kept;
      }
    }
    return this.#useDecoded(block, (decoded) => decoded.read(offset, length));
  }

  /** What was read of blocks that are still decoded, for the next time. Blocks in pieces do not need it. */
  async #keepHotPages(): Promise<void> {
    if (this.#resources.signal.aborted) return;
    for (const block of this.#hotPages.blocksToKeep()) {
      if (this.#made.has(block) || !this.#resources.cache.has(block)) continue;
      // A cache that cannot be written costs time later, nothing else.
      await this.#useDecoded(block, (decoded) => this.#hotPages.keep(block, decoded)).catch(() => undefined);
    }
  }

  #useDecoded<T>(block: XzBlock, task: (decoded: DecodedBlock) => Promise<T>): Promise<T> {
    return this.#resources.cache.use(block, () => this.#decode(block), task);
  }

  async #decode(block: XzBlock): Promise<DecodedBlock> {
    const { codec, signal, cacheDir, decoding, smallBlockCodec } = this.#resources;
    const excerpt = await excerptBlocks(this.file, this.path, [block]);
    if (this.isCutIntoPieces(block)) {
      return ProgressiveBlock.begin(codec, excerpt, {
        path: this.path,
        signal,
        scratchDir: cacheDir,
        decoding,
      });
    }
    const small = excerpt.plain ? await smallBlockCodec() : undefined;
    return decoding.run(() => decodeToMemory(small ?? codec, excerpt, { path: this.path, signal }));
  }

  async #decodeUnlessInPieces(block: XzBlock): Promise<void> {
    if (await this.#findPieces(block)) return;
    await this.#resources.cache.finish(block, () => this.#decode(block));
  }

  #findPieces(block: XzBlock): Promise<XzDisk | undefined> {
    const known = this.#found.get(block);
    if (known) return known;
    const found = this.#lookUpPieces(block);
    this.#found.set(block, found);
    return found;
  }

  async #lookUpPieces(block: XzBlock): Promise<XzDisk | undefined> {
    const { store, signal } = this.#resources;
    const path = await store.find(await this.#keyOf(block), 'xz', signal);
    return path === undefined ? undefined : this.#openPieces(path, block);
  }

  async #makePieces(block: XzBlock, keepBytes: number): Promise<XzDisk> {
    const { signal, store } = this.#resources;
    const key = await this.#keyOf(block);
    await using encoder = this.pieceEncoder(signal);
    return await this.#useDecoded(block, async (decoded) => {
      const source = { file: this.file, path: this.path, block };
      const options = { pieceBytes: XZ_PIECE_BYTES, keepBytes, signal };
      const path = await store.add(key, 'xz', signal, (target) =>
        cutBlock(source, decoded, encoder, target, options),
      );
      const pieces = await this.#openPieces(path, block);
      if (!pieces) throw new ImageError('IMAGE_WRITE_FAILED', `${path} did not keep what was written to it`);
      await pieces.#keepPagesOfPrefix(this.#hotPages.notedOf(block), decoded);
      return pieces;
    });
  }

  /** What was read of the whole block is read again the next time, of that part of it that was kept as it was. */
  async #keepPagesOfPrefix(pages: ReadonlySet<number>, decoded: DecodedBlock): Promise<void> {
    const [prefix] = this.layout.blocks;
    if (!prefix || !this.isCutIntoPieces(prefix)) return;
    this.#hotPages.notePages(prefix, pages);
    // A cache that cannot be written costs time later, nothing else.
    await this.#hotPages.keep(prefix, decoded).catch(() => undefined);
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
    smallBlockCodec: options.codec ? () => Promise.resolve(undefined) : inProcessXzCodec,
    signal: options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal,
    cache: new DecodedBlockCache(),
    decoding: new ConcurrencyLimit(PARALLEL_CODERS),
    encoding: new ConcurrencyLimit(PARALLEL_CODERS),
    store: new BlockStore(options.cacheDir),
  };
  return openXzFile(path, resources, stop);
}
