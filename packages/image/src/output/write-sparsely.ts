import { createHash } from 'node:crypto';
import type { Progress } from '@turingpi/foundation';
import { hostFileError } from '../disk/host-file-error.js';
import { isZero } from '../disk/is-zero.js';

/** Length and SHA-256 (hex) of bytes that were written. */
export interface WrittenBytes {
  readonly sizeBytes: number;
  readonly sha256: string;
}

/** A file that is written at positions: an open file, or one that is still without its name. */
export interface PositionedTarget {
  write(bytes: Uint8Array, position: number): Promise<unknown>;
  truncate(length: number): Promise<void>;
}

/** Zeros are looked for in runs of this many bytes: what filesystems can leave out of a file. */
const HOLE_BYTES = 64 * 1024;

/**
 * Writes the bytes of an image, leaving holes where they are zero, and hashes them on the way.
 *
 * @throws ImageError `IMAGE_HOST_NO_SPACE`, `IMAGE_WRITE_FAILED`, and what the source throws.
 */
export async function writeSparsely(
  chunks: AsyncIterable<Buffer>,
  target: PositionedTarget,
  total: number,
  path: string,
  progress?: (progress: Progress) => void,
): Promise<WrittenBytes> {
  const hash = createHash('sha256');
  let position = 0;
  for await (const chunk of chunks) {
    hash.update(chunk);
    for (const [from, to] of runsWithData(chunk)) {
      try {
        await target.write(chunk.subarray(from, to), position + from);
      } catch (error) {
        throw hostFileError(error, path, 'write');
      }
    }
    position += chunk.length;
    progress?.({ activity: 'write', done: position, total, unit: 'bytes' });
  }
  try {
    await target.truncate(position);
  } catch (error) {
    throw hostFileError(error, path, 'write');
  }
  return { sizeBytes: position, sha256: hash.digest('hex') };
}

function runsWithData(chunk: Buffer): [number, number][] {
  const runs: [number, number][] = [];
  for (let from = 0; from < chunk.length; from += HOLE_BYTES) {
    const part = chunk.subarray(from, from + HOLE_BYTES);
    if (isZero(part)) continue;
    const last = runs.at(-1);
    if (last?.[1] === from) last[1] = from + part.length;
    else runs.push([from, from + part.length]);
  }
  return runs;
}
