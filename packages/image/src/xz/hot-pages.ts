import { readFile, rm } from 'node:fs/promises';
import { hostFileError } from '../disk/host-file-error.js';
import type { BlockStore } from './block-store.js';
import type { DecodedBlock } from './decoded-block.js';
import type { XzBlock } from './xz-layout.js';

const PAGE_BYTES = 64 * 1024;
/** Who reads more of a block than this does better to decode it. 2 MiB. */
const MAX_PAGES = 32;
const PAGE_NUMBER_BYTES = 4;

interface BlockPages {
  readonly path: string;
  readonly pages: ReadonlyMap<number, Buffer>;
}

/**
 * The few pages of large blocks that were read, kept between runs: the next edit of the same image reads nearly the same
 * superblocks, tables and directories, and then decodes nothing for them.
 */
export class HotPages {
  readonly #loaded = new Map<XzBlock, Promise<BlockPages | undefined>>();
  readonly #noted = new Map<XzBlock, Set<number>>();

  constructor(
    private readonly store: BlockStore,
    private readonly keyOf: (block: XzBlock) => Promise<string>,
    private readonly signal: AbortSignal,
    /** Throws when the block's file is no longer what its key was made of. */
    private readonly assertUnchanged: () => Promise<void>,
  ) {}

  /** The bytes of a range of a block when all its pages were kept; else remembers which ones were wanted. */
  async read(block: XzBlock, offset: number, length: number): Promise<Buffer | undefined> {
    const loading = this.#loaded.get(block) ?? this.#load(block);
    this.#loaded.set(block, loading);
    const kept = await loading;
    const parts: Buffer[] = [];
    for (const page of pagesOf(offset, length)) {
      const bytes = kept?.pages.get(page);
      if (!bytes) {
        this.note(block, offset, length);
        return undefined;
      }
      const start = page * PAGE_BYTES;
      parts.push(bytes.subarray(Math.max(0, offset - start), offset + length - start));
    }
    return Buffer.concat(parts);
  }

  /** Remembers that a range was read. */
  note(block: XzBlock, offset: number, length: number): void {
    const noted = this.#noted.get(block) ?? new Set<number>();
    this.#noted.set(block, noted);
    for (const page of pagesOf(offset, length)) {
      if (noted.size > MAX_PAGES) return;
      noted.add(page);
    }
  }

  /** The pages of a block that were read. */
  notedOf(block: XzBlock): ReadonlySet<number> {
    return this.#noted.get(block) ?? new Set();
  }

  /** Remembers that pages were read, those of them that the block has. */
  notePages(block: XzBlock, pages: Iterable<number>): void {
    for (const page of pages) {
      const start = page * PAGE_BYTES;
      if (start < block.rawBytes) this.note(block, start, Math.min(PAGE_BYTES, block.rawBytes - start));
    }
  }

  /** Blocks of which pages were wanted that are not kept yet, and few enough to be kept. */
  blocksToKeep(): XzBlock[] {
    return [...this.#noted].filter(([, noted]) => noted.size <= MAX_PAGES).map(([block]) => block);
  }

  /** Keeps the pages of a block that were wanted. @throws ImageError `IMAGE_HOST_NO_SPACE`, `IMAGE_WRITE_FAILED`. */
  async keep(block: XzBlock, decoded: DecodedBlock): Promise<void> {
    const before = await this.#loaded.get(block);
    const wanted = new Set([...(before?.pages.keys() ?? []), ...(this.#noted.get(block) ?? [])]);
    if (wanted.size > MAX_PAGES || wanted.size === (before?.pages.size ?? 0)) return;
    const key = await this.keyOf(block);
    const path = await this.store.add(key, 'pages', this.signal, async (file) => {
      for (const page of wanted) {
        const start = page * PAGE_BYTES;
        const bytes =
          before?.pages.get(page) ??
          (await decoded.read(start, Math.min(PAGE_BYTES, block.rawBytes - start)));
        const record = Buffer.alloc(PAGE_NUMBER_BYTES + PAGE_BYTES);
        record.writeUInt32LE(page);
        bytes.copy(record, PAGE_NUMBER_BYTES);
        await file.appendFile(record).catch((error: unknown) => {
          throw hostFileError(error, 'the cache', 'write');
        });
      }
      await this.assertUnchanged();
    });
    if (before && before.path !== path) await rm(before.path, { force: true });
  }

  async #load(block: XzBlock): Promise<BlockPages | undefined> {
    const path = await this.store.find(await this.keyOf(block), 'pages', this.signal);
    const bytes = path === undefined ? undefined : await readFile(path).catch(() => undefined);
    if (path === undefined || !bytes) return undefined;
    const pages = new Map<number, Buffer>();
    const recordBytes = PAGE_NUMBER_BYTES + PAGE_BYTES;
    for (let at = 0; at + recordBytes <= bytes.length; at += recordBytes) {
      pages.set(bytes.readUInt32LE(at), bytes.subarray(at + PAGE_NUMBER_BYTES, at + recordBytes));
    }
    return { path, pages };
  }
}

function pagesOf(offset: number, length: number): number[] {
  const first = Math.floor(offset / PAGE_BYTES);
  const count = length === 0 ? 0 : Math.floor((offset + length - 1) / PAGE_BYTES) - first + 1;
  return Array.from({ length: count }, (_, index) => first + index);
}
