import { type FileSegment, readSegments, segmentLength } from '../disk/file-segment.js';
import type { DiskRange } from '../disk/overlay-disk.js';

/** A part of an image as it travels: decoded, it is one range of the disk, of which some bytes mean something. */
export class ImageParcel {
  /** Length of what travels, in bytes. */
  readonly transferBytes: number;

  constructor(
    /** The range of the disk that it becomes. */
    readonly range: DiskRange,
    /** What of that range means something; ordered. */
    readonly used: readonly DiskRange[],
    /** What travels: an .xz stream of its own, or the bytes as they are. */
    readonly encoding: 'xz' | 'raw',
    private readonly segments: readonly FileSegment[],
  ) {
    this.transferBytes = segments.reduce((sum, segment) => sum + segmentLength(segment), 0);
  }

  /**
   * Reads what travels, in chunks of at most 512 KiB that may be kept.
   *
   * @param from - where to begin, in bytes of what travels; default 0
   * @throws ImageError `IMAGE_UNREADABLE`, `IMAGE_SOURCE_CHANGED`; the reason of the signal.
   */
  read(signal: AbortSignal, from = 0): AsyncGenerator<Buffer, void, undefined> {
    return readSegments(after(this.segments, from), signal);
  }
}

function* after(segments: readonly FileSegment[], from: number): Generator<FileSegment> {
  let skip = from;
  for (const segment of segments) {
    const length = segmentLength(segment);
    if (skip >= length) skip -= length;
    else {
      if (skip === 0) yield segment;
      else if ('bytes' in segment) yield { bytes: segment.bytes.subarray(skip) };
      else yield { ...segment, offset: segment.offset + skip, length: length - skip };
      skip = 0;
    }
  }
}
