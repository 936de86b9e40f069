import { readSegments } from '../disk/file-segment.js';
import type { DiskRange, OverlayDisk } from '../disk/overlay-disk.js';
import type { RawDisk } from '../disk/raw-disk.js';
import { XzDisk } from '../xz/xz-disk.js';
import { excerptBlocks } from '../xz/xz-excerpt.js';

/** Decoding a whole file is worth the host's cores. */
const DECODE_THREADS = 2;

/**
 * All bytes of an image in order, with the edits of an overlay.
 *
 * @throws ImageError `IMAGE_CORRUPT`, `IMAGE_UNREADABLE`; the reason of the signal.
 */
export async function* rawChunks(
  base: RawDisk | XzDisk,
  overlay: OverlayDisk | undefined,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  const dirty = overlay?.dirtyRanges() ?? [];
  let position = 0;
  let next = 0;
  for await (const chunk of baseChunks(base, signal)) {
    const end = position + chunk.length;
    for (let range = dirty[next]; overlay && range && range.offset < end; range = dirty[next]) {
      const [from, to] = overlap(range, position, end);
      if (to > from) (await overlay.read(from, to - from)).copy(chunk, from - position);
      if (range.offset + range.length > end) break;
      next++;
    }
    yield chunk;
    position = end;
  }
}

async function* baseChunks(
  base: RawDisk | XzDisk,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  if (!(base instanceof XzDisk)) {
    yield* readSegments([base.segment()], signal);
    return;
  }
  for (const { blocks } of base.layout.streams) {
    if (blocks.length === 0) continue;
    const { segments, filters } = await excerptBlocks(base.file, base.path, blocks);
    yield* base.codec.decode(readSegments(segments, signal), {
      path: base.path,
      filters,
      threads: DECODE_THREADS,
      signal,
    });
  }
}

function overlap(range: DiskRange, start: number, end: number): [number, number] {
  return [Math.max(range.offset, start), Math.min(range.offset + range.length, end)];
}
