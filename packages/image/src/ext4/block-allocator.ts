import { ImageError } from '../image-error.js';
import { bitsAre, fillBits, nextClearRun } from './bitmap.js';
import type { BlockCache } from './block-cache.js';
import { countBlocks, type Segment } from './block-run.js';
import { crc32c } from './checksum.js';
import { corruption } from './corruption.js';
import type { Counters } from './counters.js';
import { GROUP_BLOCK_UNINIT, type GroupDescriptor } from './group-descriptor.js';
import {
  groupHeaderLength,
  groupLength,
  groupOfBlock,
  groupStart,
  inodeTableLength,
} from './group-layout.js';
import type { GroupTable } from './group-table.js';
import type { Superblock } from './superblock.js';
import type { SystemZones } from './system-zones.js';

/** How many groups' bitmaps are searched for one run of the whole length before a shorter one is taken. */
const SEARCHED_GROUPS = 16;
/** A run that goes on where the file ended is taken although it is short, if it has this many blocks. */
const WORTHWHILE_CONTINUATION = 8;

/** Gives out and takes back blocks: close to a goal and in few pieces, so that few places of the image change. */
export class BlockAllocator {
  /** Groups whose bitmap was found to match its checksum; what changes it later renews the checksum. */
  readonly #verified = new Set<number>();
  #recent: number | undefined;

  constructor(
    private readonly superblock: Superblock,
    private readonly cache: BlockCache,
    private readonly groups: GroupTable,
    private readonly counters: Counters,
    private readonly zones: SystemZones,
  ) {}

  /** Allocates `count` blocks near `goal`. @throws ImageError `IMAGE_NO_SPACE`. */
  async allocate(goal: number, count: number): Promise<Segment[]> {
    if (count > (await this.counters.freeBlocks())) throw noSpace(count);
    const segments: Segment[] = [];
    let near = goal;
    for (let left = count; left > 0;) {
      const segment = await this.#find(near, left);
      if (!segment) throw noSpace(count);
      await this.#take(segment);
      const last = segments.at(-1);
      if (last && last.start + last.count === segment.start)
        segments[segments.length - 1] = { start: last.start, count: last.count + segment.count };
      else segments.push(segment);
      left -= segment.count;
      near = segment.start + segment.count;
    }
    this.#recent = near;
    return segments;
  }

  /**
   * The block behind those given out last; undefined at first. What is new and has no better place goes there, whatever
   * its directory's group: few places of a compressed image then change.
   */
  get recent(): number | undefined {
    return this.#recent;
  }

  /** Allocates one block. */
  async allocateOne(goal: number): Promise<number> {
    const [segment] = await this.allocate(goal, 1);
    if (!segment) throw noSpace(1);
    return segment.start;
  }

  /** Gives blocks back. @throws ImageError `IMAGE_FILESYSTEM_CORRUPT` if they were not in use. */
  async free(segments: readonly Segment[]): Promise<void> {
    for (const { start, count } of segments) {
      if (start + count > this.superblock.blocksCount || start < this.superblock.firstDataBlock)
        throw corruption(`a file owns block ${start}, outside the filesystem`);
      if (this.zones.overlaps(start, count))
        throw corruption(`a file owns block ${start}, which is metadata`);
      for (let block = start; block < start + count;) {
        const group = groupOfBlock(this.superblock, block);
        const offset = block - groupStart(this.superblock, group);
        const length = Math.min(start + count - block, groupLength(this.superblock, group) - offset);
        const bitmap = await this.#edit(group);
        if (!bitsAre(bitmap, offset, length, true))
          throw corruption(`a file owns a block near ${block} that is marked free`);
        fillBits(bitmap, offset, length, false);
        await this.#seal(group, bitmap, length);
        block += length;
      }
      for (let block = start; block < start + count; block++) this.cache.forget(block);
    }
    await this.counters.adjust(countBlocks(segments), 0);
  }

  /** Reads a group's block bitmap, or makes up the one an uninitialised group stands for. */
  async bitmap(group: number): Promise<Buffer> {
    const descriptor = await this.groups.get(group);
    if (descriptor.flags & GROUP_BLOCK_UNINIT) return this.#initial(descriptor);
    const bitmap = await this.cache.get(descriptor.blockBitmap);
    if (this.#verified.has(group)) return bitmap;
    if (this.checksumOf(bitmap, descriptor) !== descriptor.blockBitmapChecksum)
      throw corruption(`the checksum of block group ${group}'s block bitmap is wrong`);
    this.#verified.add(group);
    return bitmap;
  }

  /** Lets every bitmap be compared with its checksum again when it is read next. */
  distrust(): void {
    this.#verified.clear();
  }

  /** The checksum that belongs to a bitmap; 0 where none is kept. */
  checksumOf(bitmap: Buffer, descriptor: GroupDescriptor): number {
    if (!this.superblock.features.has('metadata_csum')) return descriptor.blockBitmapChecksum;
    const covered = bitmap.subarray(0, this.superblock.blocksPerGroup / 8);
    return descriptor.storedBits(crc32c(this.superblock.checksumSeed, covered));
  }

  /** Gives an uninitialised group a real block bitmap. */
  async initialise(group: number): Promise<void> {
    const descriptor = await this.groups.get(group);
    if ((descriptor.flags & GROUP_BLOCK_UNINIT) === 0) return;
    const initial = this.#initial(descriptor);
    initial.copy(this.cache.create(descriptor.blockBitmap));
    await this.groups.update(group, (changed) => {
      changed.flags &= ~GROUP_BLOCK_UNINIT;
    });
    await this.#seal(group, initial, 0);
  }

  async #find(goal: number, wanted: number): Promise<Segment | undefined> {
    const { superblock } = this;
    const goalGroup = Math.min(Math.max(groupOfBlock(superblock, goal), 0), superblock.groupCount - 1);
    const continued = await this.#continuation(goalGroup, goal, wanted);
    if (continued) return continued;
    let longest: Segment | undefined;
    let searched = 0;
    for (const needed of [Math.min(wanted, superblock.blocksPerGroup), 1]) {
      for (let step = 0; step < superblock.groupCount; step++) {
        const group = (goalGroup + step) % superblock.groupCount;
        if ((await this.groups.get(group)).freeBlocks < needed) continue;
        const bitmap = await this.bitmap(group);
        const start = groupStart(superblock, group);
        const length = groupLength(superblock, group);
        for (const run of clearRunsFrom(bitmap, step === 0 ? Math.max(goal - start, 0) : 0, length)) {
          if (run.count >= wanted) return { start: start + run.start, count: wanted };
          if (run.count > (longest?.count ?? 0)) longest = { start: start + run.start, count: run.count };
        }
        searched++;
        if (longest && searched >= SEARCHED_GROUPS) return longest;
      }
      if (longest) return longest;
    }
    return undefined;
  }

  async #continuation(group: number, goal: number, wanted: number): Promise<Segment | undefined> {
    const offset = goal - groupStart(this.superblock, group);
    const length = groupLength(this.superblock, group);
    if (offset < 0 || offset >= length || (await this.groups.get(group)).freeBlocks === 0) return undefined;
    const run = nextClearRun(await this.bitmap(group), offset, Math.min(length, offset + wanted));
    if (run?.start !== offset || run.count < Math.min(wanted, WORTHWHILE_CONTINUATION)) return undefined;
    return { start: goal, count: run.count };
  }

  async #take({ start, count }: Segment): Promise<void> {
    if (this.zones.overlaps(start, count)) throw corruption(`metadata at block ${start} is marked free`);
    const group = groupOfBlock(this.superblock, start);
    const bitmap = await this.#edit(group);
    fillBits(bitmap, start - groupStart(this.superblock, group), count, true);
    await this.#seal(group, bitmap, -count);
    await this.counters.adjust(-count, 0);
  }

  async #edit(group: number): Promise<Buffer> {
    await this.initialise(group);
    await this.bitmap(group); // checks the checksum
    return this.cache.edit((await this.groups.get(group)).blockBitmap);
  }

  async #seal(group: number, bitmap: Buffer, freed: number): Promise<void> {
    await this.groups.update(group, (descriptor) => {
      if (descriptor.freeBlocks + freed < 0)
        throw corruption(`block group ${group} has a wrong count of free blocks`);
      descriptor.freeBlocks += freed;
      descriptor.blockBitmapChecksum = this.checksumOf(bitmap, descriptor);
    });
  }

  /** The bitmap of a group in which nothing but its own metadata is in use. */
  #initial(descriptor: GroupDescriptor): Buffer {
    const { superblock } = this;
    const bitmap = Buffer.alloc(superblock.blockSize);
    const start = groupStart(superblock, descriptor.group);
    const length = groupLength(superblock, descriptor.group);
    fillBits(bitmap, 0, Math.min(groupHeaderLength(superblock, descriptor.group), length), true);
    const own: Segment[] = [
      { start: descriptor.blockBitmap, count: 1 },
      { start: descriptor.inodeBitmap, count: 1 },
      { start: descriptor.inodeTable, count: inodeTableLength(superblock) },
    ];
    for (const { start: first, count } of own) {
      const from = Math.max(first - start, 0);
      const to = Math.min(first - start + count, length);
      if (to > from) fillBits(bitmap, from, to - from, true);
    }
    fillBits(bitmap, length, superblock.blockSize * 8 - length, true);
    return bitmap;
  }
}

/** The runs of clear bits behind a place, and then those before it; one that lies across comes in two parts. */
function* clearRunsFrom(bitmap: Buffer, from: number, length: number): Generator<Segment> {
  for (const [start, end] of [
    [from, length],
    [0, Math.min(from, length)],
  ] as const)
    for (
      let run = nextClearRun(bitmap, start, end);
      run;
      run = nextClearRun(bitmap, run.start + run.count, end)
    )
      yield run;
}

function noSpace(blocks: number): ImageError {
  return new ImageError('IMAGE_NO_SPACE', `The ext4 filesystem has no room for ${blocks} more blocks.`);
}
