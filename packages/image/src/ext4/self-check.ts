import { ImageError } from '../image-error.js';
import { bitsAre, countClear, nextClearRun, testBit } from './bitmap.js';
import { countBlocks, type Segment } from './block-run.js';
import { Directory } from './directory.js';
import { ExtendedAttributes } from './extended-attributes.js';
import { GROUP_INODE_UNINIT } from './group-descriptor.js';
import { groupLength, groupOfBlock, groupStart } from './group-layout.js';
import { hasBlockMap } from './inode-lifetime.js';
import { INODE_FLAGS, type Inode } from './inode.js';
import { inlineAreas } from './inline-data.js';
import { SUPERBLOCK_LENGTH, SUPERBLOCK_OFFSET, parseSuperblock } from './superblock.js';
import type { Volume } from './volume.js';

/** Checks everything that edits touched, read anew from the disk: counters, bitmaps, inodes, blocks, directories. */
export class SelfCheck {
  /** Blocks seen in touched inodes, with the inode that owns them. */
  readonly #owners: { readonly segment: Segment; readonly inode: number }[] = [];
  readonly #sharedBlocks = new Set<number>();

  /** Bitmaps whose checksum was found right, by group. */
  readonly #blockBitmaps = new Map<number, Buffer>();
  readonly #inodeBitmaps = new Map<number, Buffer>();

  constructor(private readonly volume: Volume) {}

  /** @throws ImageError `IMAGE_SELF_CHECK_FAILED` naming the first thing that is wrong. */
  async run(): Promise<void> {
    const { damage } = this.volume;
    if (damage)
      throw new ImageError('IMAGE_SELF_CHECK_FAILED', `Not all edits could be made: ${damage.message}`, {
        hint: 'The base image is damaged. Download it again, or repair it with e2fsck.',
        cause: damage,
      });
    try {
      await this.volume.cache.flush();
      this.volume.cache.clear();
      this.volume.inodes.startOperation();
      this.volume.blocks.distrust();
      this.volume.inodeNumbers.distrust();
      await this.#superblock();
      for (const group of this.volume.groups.touched) await this.#group(group);
      for (const number of this.volume.inodes.touched) await this.#inode(number);
      this.#assertNoSharing();
    } catch (error) {
      if (error instanceof ImageError && error.code === 'IMAGE_FILESYSTEM_CORRUPT')
        throw new ImageError('IMAGE_SELF_CHECK_FAILED', `After the edits: ${error.message}`, {
          cause: error,
        });
      throw error;
    }
  }

  async #superblock(): Promise<void> {
    const { superblock, disk, counters, groups } = this.volume;
    parseSuperblock(await disk.read(SUPERBLOCK_OFFSET, SUPERBLOCK_LENGTH), disk.sizeBytes);
    let blocks = 0;
    let inodes = 0;
    for (let group = 0; group < superblock.groupCount; group++) {
      const descriptor = await groups.get(group);
      blocks += descriptor.freeBlocks;
      inodes += descriptor.freeInodes;
    }
    if (groups.touched.size === 0) return;
    const stated = await counters.freeBlocks();
    if (stated !== blocks) throw failed(`the superblock states ${stated} free blocks, its groups ${blocks}`);
    const statedInodes = await counters.freeInodes();
    if (statedInodes !== inodes)
      throw failed(`the superblock states ${statedInodes} free inodes, its groups ${inodes}`);
  }

  async #group(group: number): Promise<void> {
    const { superblock, groups, zones } = this.volume;
    const descriptor = await groups.get(group);
    const bitmap = await this.#blockBitmap(group);
    const length = groupLength(superblock, group);
    const free = countClear(bitmap, length);
    if (free !== descriptor.freeBlocks)
      throw failed(`block group ${group} has ${free} free blocks and states ${descriptor.freeBlocks}`);
    const start = groupStart(superblock, group);
    for (
      let run = nextClearRun(bitmap, 0, length);
      run;
      run = nextClearRun(bitmap, run.start + run.count, length)
    )
      if (zones.overlaps(start + run.start, run.count))
        throw failed(`metadata near block ${start + run.start} is marked free`);
    const inodeBitmap = await this.#inodeBitmap(group);
    const freeInodes = countClear(inodeBitmap, superblock.inodesPerGroup);
    if (freeInodes !== descriptor.freeInodes)
      throw failed(`block group ${group} has ${freeInodes} free inodes and states ${descriptor.freeInodes}`);
    const { unusedInodes, usedDirectories } = descriptor;
    if (!bitsAre(inodeBitmap, superblock.inodesPerGroup - unusedInodes, unusedInodes, false))
      throw failed(`block group ${group} has inodes in use in the part never used`);
    if (usedDirectories > superblock.inodesPerGroup - freeInodes)
      throw failed(`block group ${group} states ${usedDirectories} directories`);
  }

  async #inode(number: number): Promise<void> {
    const { superblock, inodes, maps } = this.volume;
    // An edit that was taken back may have touched an inode which then was never used: its bytes mean nothing.
    if (await this.#wasNeverUsed(number)) return;
    const inode = await inodes.read(number);
    const inUse = inode.links > 0;
    if ((await this.#isInodeUsed(number)) !== inUse)
      throw failed(`inode ${number} has ${inode.links} links, and its bit says otherwise`);
    if (!inUse) return;
    if (inode.type === undefined) throw failed(`inode ${number} has no type`);
    await new ExtendedAttributes(this.volume).verify(inode);
    let blocks = 0;
    if (inode.attributeBlock !== 0) {
      blocks++;
      await this.#claim({ start: inode.attributeBlock, count: 1 }, number);
      this.#sharedBlocks.add(inode.attributeBlock);
    }
    if (inode.has(INODE_FLAGS.inlineData)) inlineAreas(inode);
    if (hasBlockMap(this.volume, inode)) {
      const { runs, nodeBlocks } = await maps.read(inode);
      for (const { physical, count } of runs) await this.#claim({ start: physical, count }, number);
      for (const start of nodeBlocks) await this.#claim({ start, count: 1 }, number);
      blocks += countBlocks(runs) + nodeBlocks.length;
      const end = Math.ceil(inode.size / superblock.blockSize);
      const beyond = runs.find((run) => !run.unwritten && run.logical + run.count > end);
      if (beyond) throw failed(`inode ${number} has written blocks behind its end`);
    }
    if (maps.blockCount(inode) !== blocks)
      throw failed(`inode ${number} uses ${blocks} blocks and states ${maps.blockCount(inode)}`);
    if (inode.isDirectory) await this.#directory(inode);
  }

  async #directory(inode: Inode): Promise<void> {
    const { inodes } = this.volume;
    const directory = new Directory(this.volume, inode);
    const names = new Set<string>();
    let subdirectories = 0;
    for (const { name, inode: number, type } of await directory.verify()) {
      const key = name.toString('latin1');
      if (names.has(key)) throw failed(`directory inode ${inode.number} has "${name.toString()}" twice`);
      names.add(key);
      if (!(await this.#isInodeUsed(number)))
        throw failed(`"${name.toString()}" in directory inode ${inode.number} means a free inode`);
      const known = type ?? (await inodes.get(number)).type;
      if (inodes.touched.has(number) && (await inodes.get(number)).type !== known)
        throw failed(`"${name.toString()}" in directory inode ${inode.number} states a wrong type`);
      if (known === 'directory') subdirectories++;
    }
    if (inode.links !== 1 && inode.links !== subdirectories + 2)
      throw failed(
        `directory inode ${inode.number} has ${subdirectories} subdirectories and ${inode.links} links`,
      );
    const parent = await inodes.get(await directory.parent());
    if (!parent.isDirectory) throw failed(`".." of directory inode ${inode.number} is no directory`);
  }

  async #blockBitmap(group: number): Promise<Buffer> {
    const bitmap = this.#blockBitmaps.get(group) ?? (await this.volume.blocks.bitmap(group));
    this.#blockBitmaps.set(group, bitmap);
    return bitmap;
  }

  async #inodeBitmap(group: number): Promise<Buffer> {
    const bitmap = this.#inodeBitmaps.get(group) ?? (await this.volume.inodeNumbers.bitmap(group));
    this.#inodeBitmaps.set(group, bitmap);
    return bitmap;
  }

  async #wasNeverUsed(number: number): Promise<boolean> {
    const { inodesPerGroup } = this.volume.superblock;
    const descriptor = await this.volume.groups.get(Math.floor((number - 1) / inodesPerGroup));
    const uninitialised = (descriptor.flags & GROUP_INODE_UNINIT) !== 0;
    return (number - 1) % inodesPerGroup >= (uninitialised ? 0 : inodesPerGroup - descriptor.unusedInodes);
  }

  async #isInodeUsed(number: number): Promise<boolean> {
    const { inodesPerGroup, inodesCount } = this.volume.superblock;
    if (number < 1 || number > inodesCount) return false;
    const bitmap = await this.#inodeBitmap(Math.floor((number - 1) / inodesPerGroup));
    return testBit(bitmap, (number - 1) % inodesPerGroup);
  }

  /** Notes who owns blocks, and makes sure that they are marked as in use and not metadata. */
  async #claim(segment: Segment, inode: number): Promise<void> {
    const { superblock, zones } = this.volume;
    const end = segment.start + segment.count;
    if (zones.overlaps(segment.start, segment.count))
      throw failed(`inode ${inode} owns metadata at ${segment.start}`);
    for (let block = segment.start; block < end;) {
      const group = groupOfBlock(superblock, block);
      const offset = block - groupStart(superblock, group);
      const count = Math.min(end - block, groupLength(superblock, group) - offset);
      if (!bitsAre(await this.#blockBitmap(group), offset, count, true))
        throw failed(`inode ${inode} owns a block near ${block} that is marked free`);
      block += count;
    }
    this.#owners.push({ segment, inode });
  }

  #assertNoSharing(): void {
    const sorted = this.#owners.toSorted((a, b) => a.segment.start - b.segment.start);
    sorted.forEach(({ segment, inode }, index) => {
      const next = sorted[index + 1];
      if (!next || next.segment.start >= segment.start + segment.count) return;
      if (this.#sharedBlocks.has(segment.start) && next.inode !== inode) return;
      throw failed(`inodes ${inode} and ${next.inode} both own block ${next.segment.start}`);
    });
  }
}

function failed(what: string): ImageError {
  return new ImageError('IMAGE_SELF_CHECK_FAILED', `After the edits, ${what}.`);
}
