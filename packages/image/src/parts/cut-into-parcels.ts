import type { ImageSource } from '../compression/image-source.js';
import type { DiskRange } from '../disk/overlay-disk.js';
import type { RawDisk } from '../disk/raw-disk.js';
import { XzDisk } from '../xz/xz-disk.js';
import { excerptBlocks } from '../xz/xz-excerpt.js';
import type { XzBlock } from '../xz/xz-layout.js';
import { ImageParcel } from './image-parcel.js';
import { alignRanges, clipRanges, joinRanges } from './range-set.js';

/** A parcel holds about this much of the disk: a few fit in the memory of a small node. */
const PARCEL_BYTES = 8 * 1024 * 1024;
/** Between two used ranges this much may as well be written: it is quicker than beginning another write. */
const GAP_BYTES = 256 * 1024;
/** Writes of this size and place suit every disk. */
const UNIT_BYTES = 64 * 1024;
/** Blocks that begin at odd places stay with those before them up to this: a parcel is decoded in memory. */
const MAX_CELL_BYTES = 4 * PARCEL_BYTES;

/**
 * Cuts an image into parcels that can be fetched, checked and written one by one, without encoding anything: blocks of an
 * .xz file travel as they lie there, blocks that nobody uses do not travel.
 *
 * @param used - what of the disk means something, in order
 * @returns In the order of the disk. They can be read as long as the source is open.
 * @throws ImageError `IMAGE_CORRUPT`, `IMAGE_UNSUPPORTED_COMPRESSION`, `IMAGE_UNREADABLE`.
 */
export async function cutIntoParcels(
  source: ImageSource,
  used: readonly DiskRange[],
): Promise<ImageParcel[]> {
  const { disk } = source;
  const wide = alignRanges(joinRanges(used, GAP_BYTES), UNIT_BYTES, disk.sizeBytes);
  return disk instanceof XzDisk ? await cutXz(disk, wide) : cutRaw(disk, wide);
}

async function cutXz(disk: XzDisk, used: readonly DiskRange[]): Promise<ImageParcel[]> {
  const parcels: ImageParcel[] = [];
  for (const { blocks } of disk.layout.streams) {
    let run: XzBlock[] = [];
    const close = async (): Promise<void> => {
      const [first] = run;
      if (first === undefined) return;
      const { segments, rawBytes } = await excerptBlocks(disk.file, disk.path, run);
      const range = { offset: first.rawOffset, length: rawBytes };
      parcels.push(new ImageParcel(range, clipRanges(used, range), 'xz', segments));
      run = [];
    };
    for (const cell of cellsOf(blocks)) {
      const { offset, length } = rangeOf(cell);
      const inUse = clipRanges(used, { offset, length }).length > 0;
      const begin = run[0]?.rawOffset ?? offset;
      if (!inUse || offset + length - begin > PARCEL_BYTES) await close();
      if (inUse) run.push(...cell);
    }
    await close();
  }
  return parcels;
}

/**
 * Blocks between two places at which a parcel may begin. One that begins elsewhere, as in the midst of what was changed,
 * would be written byte by byte: nothing in it has the same distance to a unit as on the disk.
 */
function cellsOf(blocks: readonly XzBlock[]): XzBlock[][] {
  const cells: XzBlock[][] = [];
  for (const block of blocks) {
    const cell = cells.at(-1);
    const isOdd = block.rawOffset % UNIT_BYTES !== 0;
    if (cell && isOdd && rangeOf(cell).length + block.rawBytes <= MAX_CELL_BYTES) cell.push(block);
    else cells.push([block]);
  }
  return cells;
}

/** @param cell - blocks that follow each other */
function rangeOf(cell: readonly XzBlock[]): DiskRange {
  const offset = cell[0]?.rawOffset ?? 0;
  return { offset, length: cell.reduce((sum, { rawBytes }) => sum + rawBytes, 0) };
}

function cutRaw(disk: RawDisk, used: readonly DiskRange[]): ImageParcel[] {
  const all = disk.segment();
  return used.flatMap(({ offset, length }) => {
    const parcels: ImageParcel[] = [];
    for (let done = 0; done < length; done += PARCEL_BYTES) {
      const range = { offset: offset + done, length: Math.min(PARCEL_BYTES, length - done) };
      const segment = { ...all, offset: all.offset + range.offset, length: range.length };
      parcels.push(new ImageParcel(range, [range], 'raw', [segment]));
    }
    return parcels;
  });
}
