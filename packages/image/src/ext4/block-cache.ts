import { setImmediate } from 'node:timers/promises';
import type { WritableDisk } from '../disk/disk.js';
import { ImageError } from '../image-error.js';

interface CachedBlock {
  data: Buffer;
  dirty: boolean;
}

/** How many blocks stay in memory between operations before clean ones are dropped and dirty ones written. */
const CACHED_BLOCKS = 4096;
/** Adjacent dirty blocks are written together, up to this many bytes. */
const WRITE_BYTES = 1 << 20;
const LONGEST_TURN_MS = 15;

/**
 * Metadata blocks in memory with write-back, and one open transaction that can be rolled back.
 *
 * @remarks
 * Every block has one buffer while an operation runs: what {@link get} returns is live, and may be changed only
 * after {@link edit}. File content never goes through here.
 */
export class BlockCache {
  readonly #blocks = new Map<number, CachedBlock>();
  #before: Map<number, Buffer | undefined> | undefined;
  #lastBreath = performance.now();
  /** Numbers of all blocks changed since the filesystem was opened. */
  readonly touched = new Set<number>();

  constructor(
    readonly disk: WritableDisk,
    readonly blockSize: number,
    readonly blocksCount: number,
  ) {}

  /** Reads a block. The buffer is the cache's own: look, do not change. */
  async get(block: number): Promise<Buffer> {
    return (await this.#load(block)).data;
  }

  /** Reads a block in order to change it. */
  async edit(block: number): Promise<Buffer> {
    const cached = await this.#load(block);
    this.#remember(block, cached.data);
    cached.dirty = true;
    return cached.data;
  }

  /** Gives a zeroed block to fill, without reading what was there. */
  create(block: number): Buffer {
    this.#check(block);
    this.#remember(block, this.#blocks.get(block)?.data);
    const data = Buffer.alloc(this.blockSize);
    this.#blocks.delete(block);
    this.#blocks.set(block, { data, dirty: true });
    return data;
  }

  /** Drops a block that no longer holds metadata: it is not written any more. */
  forget(block: number): void {
    const cached = this.#blocks.get(block);
    if (!cached) return;
    this.#remember(block, cached.data);
    this.#blocks.delete(block);
  }

  /** Starts remembering what blocks were before they change. */
  begin(): void {
    this.#before = new Map();
  }

  /** Keeps all changes since {@link begin}. */
  commit(): void {
    this.#before = undefined;
  }

  /** Puts every block back as it was at {@link begin}. */
  rollback(): void {
    for (const [block, data] of this.#before ?? []) {
      this.#blocks.delete(block);
      // Written again even if it was clean: its place on the disk may have been used in between.
      if (data) this.#blocks.set(block, { data, dirty: true });
    }
    this.#before = undefined;
  }

  /** Keeps memory bounded; to be called between operations only, as it lets go of buffers. */
  async trim(): Promise<void> {
    if (this.#blocks.size <= CACHED_BLOCKS) return;
    let dirty = 0;
    for (const cached of this.#blocks.values()) if (cached.dirty) dirty++;
    if (dirty > CACHED_BLOCKS / 2) await this.flush();
    let surplus = this.#blocks.size - CACHED_BLOCKS;
    for (const [block, cached] of this.#blocks) {
      if (surplus <= 0) break;
      if (cached.dirty) continue;
      this.#blocks.delete(block);
      surplus--;
    }
  }

  /** Writes all changed blocks to the disk, in order. */
  async flush(): Promise<void> {
    const dirty = [...this.#blocks].filter(([, cached]) => cached.dirty).sort(([a], [b]) => a - b);
    const maxRun = Math.max(1, Math.floor(WRITE_BYTES / this.blockSize));
    for (let start = 0; start < dirty.length;) {
      const run = [dirty[start]].filter((entry) => entry !== undefined);
      const first = run[0]?.[0] ?? 0;
      while (run.length < maxRun) {
        const next = dirty[start + run.length];
        if (next?.[0] !== first + run.length) break;
        run.push(next);
      }
      await this.disk.write(first * this.blockSize, Buffer.concat(run.map(([, cached]) => cached.data)));
      for (const [, cached] of run) cached.dirty = false;
      start += run.length;
    }
  }

  /** Drops everything that is on the disk as well, so that it is read anew. */
  clear(): void {
    for (const [block, cached] of this.#blocks) if (!cached.dirty) this.#blocks.delete(block);
  }

  async #load(block: number): Promise<CachedBlock> {
    this.#check(block);
    await this.#breathe();
    const cached = this.#blocks.get(block);
    if (cached) {
      this.#blocks.delete(block); // back to the young end of the map
      this.#blocks.set(block, cached);
      return cached;
    }
    const data = await this.disk.read(block * this.blockSize, this.blockSize);
    const raced = this.#blocks.get(block);
    if (raced) return raced;
    const fresh = { data, dirty: false };
    this.#blocks.set(block, fresh);
    return fresh;
  }

  /** Work on blocks in memory never waits for anything: lets the program's other work have its turn now and then. */
  async #breathe(): Promise<void> {
    if (performance.now() - this.#lastBreath < LONGEST_TURN_MS) return;
    await setImmediate();
    this.#lastBreath = performance.now();
  }

  #remember(block: number, data: Buffer | undefined): void {
    this.touched.add(block);
    if (this.#before && !this.#before.has(block)) this.#before.set(block, data && Buffer.from(data));
  }

  #check(block: number): void {
    if (Number.isSafeInteger(block) && block >= 0 && block < this.blocksCount) return;
    throw new ImageError(
      'IMAGE_FILESYSTEM_CORRUPT',
      `The ext4 filesystem refers to block ${block}, beyond its end.`,
    );
  }
}
