import type { FileHandle } from 'node:fs/promises';
import { assertInside } from '../disk/disk-bounds.js';
import type { DiskRange, OverlayBase } from '../disk/overlay-disk.js';
import type { WatchedFile } from '../disk/watched-file.js';
import { sha256OfSegments } from '../disk/segment-digest.js';
import { ImageError } from '../image-error.js';
import { BlockPieces } from './block-pieces.js';
import type { BlockStore } from './block-store.js';
import type { ConcurrencyLimit } from './concurrency-limit.js';
import { cutBlock } from './cut-block.js';
import { decodeToMemory, type DecodedBlock } from './decoded-block.js';
import type { DecodedBlockCache } from './decoded-block-cache.js';
import { HotPages } from './hot-pages.js';
import { PieceEncoder } from './piece-encoder.js';
import { ProgressiveBlock } from './progressive-block.js';
import type { XzCodec } from './xz-codec.js';
import { excerptBlocks } from './xz-excerpt.js';
import { blocksIn, type XzBlock, type XzLayout } from './xz-layout.js';

/** What several disks of one image share. */
export interface XzDiskResources {
  readonly cacheDir: string;
  readonly codec: XzCodec;
  /** For blocks of LZMA2 only; undefined when the codec above has to do. */
  readonly smallBlockCodec: () => Promise<XzCodec | undefined>;
  readonly signal: AbortSignal;
  readonly cache: DecodedBlockCache;
  readonly decoding: ConcurrencyLimit;
  readonly encoding: ConcurrencyLimit;
  /** Taken while a block is cut into pieces, which holds some of them in memory. */
  readonly cutting: ConcurrencyLimit;
  readonly store: BlockStore;
  /** Opens another file with the same resources. */
  readonly openFile: (path: string) => Promise<XzDisk>;
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

/** An .xz file whose index was read. */
export interface OpenedXzFile {
  readonly file: FileHandle;
  readonly path: string;
  readonly layout: XzLayout;
  readonly watch: WatchedFile;
}

/** An .xz file read at random: only the blocks that are needed are decoded. */
export class XzDisk implements OverlayBase {
  readonly sizeBytes: number;
  readonly #resources: XzDiskResources;
  readonly #keys = new Map<XzBlock, Promise<string>>();
  readonly #pieces: BlockPieces<XzDisk>;
  readonly #prepared = new Set<XzBlock>();
  readonly #stop: AbortController | undefined;
  readonly #hotPages: HotPages;

  readonly file: FileHandle;
  readonly path: string;
  readonly layout: XzLayout;
  readonly watch: WatchedFile;

  /** Use {@link openXzDisk}. */
  constructor(opened: OpenedXzFile, resources: XzDiskResources, stop?: AbortController) {
    const { file, path, layout, watch } = opened;
    this.file = file;
    this.path = path;
    this.layout = layout;
    this.watch = watch;
    this.sizeBytes = layout.rawSizeBytes;
    this.#resources = resources;
    this.#stop = stop;
    const { store, signal } = resources;
    const keyOf = (block: XzBlock): Promise<string> => this.#keyOf(block);
    this.#hotPages = new HotPages(store, keyOf, signal, () => watch.assertUnchanged());
    this.#pieces = new BlockPieces({
      store,
      signal,
      keyOf,
      open: (piecesPath, block) => openPieces(piecesPath, block, resources),
    });
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
    const [first, ...others] = await Promise.all(parts).catch(async (error: unknown) => {
      throw await this.watch.explain(error);
    });
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
    const { signal, cutting } = this.#resources;
    const cut = async (target: FileHandle): Promise<void> => {
      await using encoder = this.pieceEncoder(signal);
      const source = { file: this.file, path: this.path, block };
      const options = { pieceBytes: XZ_PIECE_BYTES, keepBytes, signal };
      await this.#useDecoded(block, (decoded) => cutBlock(source, decoded, encoder, target, options));
      await this.watch.assertUnchanged(); // else they would be kept for what the block was before
    };
    return this.#pieces.of(block, (target) => cutting.run(() => cut(target)));
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
    await this.#pieces[Symbol.asyncDispose]();
    if (this.#stop) await this.#resources.cache[Symbol.asyncDispose]();
    await this.file.close();
  }

  async #readBlock(block: XzBlock, offset: number, length: number): Promise<Buffer> {
    if (this.isCutIntoPieces(block)) {
      if (this.#resources.cache.has(block)) {
        this.#hotPages.note(block, offset, length);
      } else {
        const pieces = await (this.#pieces.made(block) ?? this.#pieces.find(block));
        if (pieces) return pieces.read(offset, length);
        const kept = await this.#hotPages.read(block, offset, length);
        if (kept) return kept;
      }
    }
    return this.#useDecoded(block, (decoded) => decoded.read(offset, length));
  }

  /** What was read of blocks that are still decoded, for the next time. */
  async #keepHotPages(): Promise<void> {
    if (this.#resources.signal.aborted) return;
    for (const block of this.#hotPages.blocksToKeep()) {
      if (!this.#resources.cache.has(block)) continue;
      const keep = async (decoded: DecodedBlock): Promise<void> => {
        const pieces = await this.#pieces.made(block);
        if (pieces) await pieces.#keepPagesOfPrefix(this.#hotPages.notedOf(block), decoded);
        else await this.#hotPages.keep(block, decoded);
      };
      // A cache that cannot be written costs time later, nothing else.
      await this.#useDecoded(block, keep).catch(() => undefined);
    }
  }

  /** What was read of a block that is in pieces now, as far as it is in that first part which was kept as it was. */
  async #keepPagesOfPrefix(pages: ReadonlySet<number>, decoded: DecodedBlock): Promise<void> {
    const [prefix] = this.layout.blocks;
    if (!prefix || !this.isCutIntoPieces(prefix)) return;
    this.#hotPages.notePages(prefix, pages);
    await this.#hotPages.keep(prefix, decoded);
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
        filters: excerpt.filters,
        signal,
        scratchDir: cacheDir,
        decoding,
      });
    }
    const small = excerpt.plain ? await smallBlockCodec() : undefined;
    return decoding.run(() =>
      decodeToMemory(small ?? codec, excerpt, { path: this.path, filters: excerpt.filters, signal }),
    );
  }

  async #decodeUnlessInPieces(block: XzBlock): Promise<void> {
    if (await this.#pieces.find(block)) return;
    await this.#resources.cache.finish(block, () => this.#decode(block));
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

/** Opens what should be a block's pieces; a file that cannot be is left alone. */
async function openPieces(
  path: string,
  block: XzBlock,
  resources: XzDiskResources,
): Promise<XzDisk | undefined> {
  const pieces = await resources.openFile(path).catch(() => undefined);
  const fits = pieces?.sizeBytes === block.rawBytes && pieces.layout.streams[0]?.check === block.check;
  if (pieces && !fits) await pieces[Symbol.asyncDispose]();
  return fits ? pieces : undefined;
}
