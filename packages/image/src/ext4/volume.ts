import type { WritableDisk } from '../disk/disk.js';
import { ImageError } from '../image-error.js';
import { BlockAllocator } from './block-allocator.js';
import { BlockCache } from './block-cache.js';
import { Counters } from './counters.js';
import { FileMap } from './file-map.js';
import { GroupTable } from './group-table.js';
import { InodeAllocator } from './inode-allocator.js';
import { InodeTable } from './inode-table.js';
import type { Superblock } from './superblock.js';
import { SystemZones } from './system-zones.js';

/** What surrounds edits from outside: the clock, and a number that distinguishes new inodes. */
export interface VolumeSettings {
  readonly now: () => Date;
  readonly generation: number;
}

/** Codes of errors that say that the image is not what it should be: also a place outside of the disk. */
const DAMAGE: ReadonlySet<string> = new Set(['IMAGE_FILESYSTEM_CORRUPT', 'IMAGE_CORRUPT']);

/** The parts of an opened filesystem, wired together. */
export class Volume {
  /** The first damage met. */
  readonly #damage: { edit?: ImageError; look?: ImageError } = {};

  private constructor(
    readonly superblock: Superblock,
    readonly disk: WritableDisk,
    readonly settings: VolumeSettings,
    readonly cache: BlockCache,
    readonly groups: GroupTable,
    readonly counters: Counters,
    readonly zones: SystemZones,
    readonly inodes: InodeTable,
    readonly blocks: BlockAllocator,
    readonly inodeNumbers: InodeAllocator,
    readonly maps: FileMap,
  ) {}

  static async open(superblock: Superblock, disk: WritableDisk, settings: VolumeSettings): Promise<Volume> {
    const cache = new BlockCache(disk, superblock.blockSize, superblock.blocksCount);
    const groups = new GroupTable(superblock, cache);
    const zones = await SystemZones.read(superblock, groups);
    const counters = new Counters(superblock, cache);
    const inodes = new InodeTable(superblock, cache, groups);
    const blocks = new BlockAllocator(superblock, cache, groups, counters, zones);
    const inodeNumbers = new InodeAllocator(superblock, cache, groups, counters, blocks, inodes);
    const maps = new FileMap(superblock, cache, inodes, blocks, zones);
    return new Volume(
      superblock,
      disk,
      settings,
      cache,
      groups,
      counters,
      zones,
      inodes,
      blocks,
      inodeNumbers,
      maps,
    );
  }

  /** The damage that an edit met, or that was met before something was edited: such a filesystem is not to be saved. */
  get damage(): ImageError | undefined {
    const edited = this.inodes.touched.size > 0 || this.groups.touched.size > 0;
    return this.#damage.edit ?? (edited ? this.#damage.look : undefined);
  }

  /**
   * Runs one operation so that it happens as a whole or not at all.
   * @param purpose - Damage is of no consequence to who only looks.
   */
  async transaction<T>(purpose: 'edit' | 'look', operation: () => Promise<T>): Promise<T> {
    this.inodes.startOperation();
    this.cache.begin();
    try {
      const result = await operation();
      this.cache.commit();
      return result;
    } catch (error) {
      if (error instanceof ImageError && DAMAGE.has(error.code)) this.#damage[purpose] ??= error;
      this.cache.rollback();
      throw error;
    } finally {
      this.inodes.startOperation();
      await this.cache.trim();
    }
  }
}
