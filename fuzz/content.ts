import { createCipheriv } from 'node:crypto';
import { Readable } from 'node:stream';

/** Bytes that follow from a seed and look random. */
export function contentOf(seed: number, size: number): Buffer {
  const key = Buffer.alloc(16);
  key.writeUInt32LE(seed >>> 0);
  return createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(size));
}

/** The same bytes as a stream of uneven pieces. */
export function streamOf(seed: number, size: number): Readable {
  const content = contentOf(seed, size);
  const pieces: Buffer[] = [];
  for (let at = 0, step = 1; at < size; at += step, step = (step * 7) % 100_003 || 1)
    pieces.push(content.subarray(at, at + step));
  return Readable.from(pieces, { objectMode: false });
}

/** Names for filling a directory: as long as asked for, with other bytes than ASCII in some. */
export function fillName(index: number, length: number): string {
  const stem = `${index % 3 === 0 ? 'ü' : 'f'}-${index.toString().padStart(5, '0')}-`;
  return stem + 'x'.repeat(Math.max(0, length - Buffer.byteLength(stem)));
}

/** A symlink target of a length that leads nowhere. */
export function targetOf(length: number): string {
  return `missing/${'t'.repeat(Math.max(1, length - 8))}`;
}
