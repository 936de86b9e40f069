import type { ReadableDisk } from '../disk/disk.js';
import type { BlockRun } from './block-run.js';

const PIECE_BYTES = 1 << 18;

/** Where a file's content was when its reading began. */
export type FileContentSource =
  { readonly inline: Buffer } | { readonly runs: readonly BlockRun[]; readonly size: number };

/** Reads content in order, in pieces of at most 256 KiB; holes and blocks never written are zeros. */
export async function* readContent(
  source: FileContentSource,
  disk: ReadableDisk,
  blockSize: number,
): AsyncGenerator<Buffer> {
  if ('inline' in source) {
    if (source.inline.length > 0) yield source.inline;
    return;
  }
  let position = 0;
  for (const run of source.runs) {
    const start = run.logical * blockSize;
    if (start >= source.size) break;
    yield* zeros(start - position);
    const end = Math.min(start + run.count * blockSize, source.size);
    if (run.unwritten) yield* zeros(end - start);
    else
      for (let at = start; at < end; at += PIECE_BYTES)
        yield await disk.read(run.physical * blockSize + at - start, Math.min(PIECE_BYTES, end - at));
    position = end;
  }
  yield* zeros(source.size - position);
}

function* zeros(length: number): Generator<Buffer> {
  for (let left = length; left > 0; left -= PIECE_BYTES) yield Buffer.alloc(Math.min(left, PIECE_BYTES));
}
