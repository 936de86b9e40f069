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
    for (const block of blocks) {
      const inUse = clipRanges(used, { offset: block.rawOffset, length: block.rawBytes }).length > 0;
      const first = run[0] ?? block;
      const end = block.rawOffset + block.rawBytes;
      if (!inUse || end - first.rawOffset > PARCEL_BYTES) await close();
      if (inUse) run.push(block);
    }
    await close();
  }
  return parcels;
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
