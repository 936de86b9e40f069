import { crc32 } from 'node:zlib';
import { ImageError } from '../image-error.js';
import { decodeVarint, encodeVarint } from './xz-varint.js';

/** What the index of a stream says of one block. */
export interface XzIndexRecord {
  /** Length of the block in the file without its padding: header, data and check, in bytes. */
  readonly unpaddedBytes: number;
  /** Length of its decompressed data in bytes. */
  readonly rawBytes: number;
}

/** More blocks than any image has (a terabyte in pieces of 1 MiB); a bound for hostile files. */
export const MAX_XZ_BLOCKS = 1 << 20;

/** The shortest block there can be (specification 4.3). */
const MIN_UNPADDED_BYTES = 5;

/** Rounds a length up to the four bytes that everything in an .xz file is aligned to. */
export function paddedToFour(length: number): number {
  return Math.ceil(length / 4) * 4;
}

/**
 * Reads the index of a stream (specification 4).
 *
 * @throws ImageError `IMAGE_CORRUPT`, or `IMAGE_TOO_LARGE` beyond {@link MAX_XZ_BLOCKS} blocks.
 */
export function parseIndex(bytes: Buffer): XzIndexRecord[] {
  if (bytes.length < 8 || bytes.length % 4 !== 0 || bytes[0] !== 0) {
    throw new ImageError('IMAGE_CORRUPT', 'xz: the index is not where the footer says');
  }
  const end = bytes.length - 4;
  if (crc32(bytes.subarray(0, end)) !== bytes.readUInt32LE(end)) {
    throw new ImageError('IMAGE_CORRUPT', 'xz: the checksum of the index is wrong');
  }
  const body = bytes.subarray(0, end);
  const count = decodeVarint(body, 1);
  if (count.value > MAX_XZ_BLOCKS) {
    throw new ImageError('IMAGE_TOO_LARGE', `xz: the index claims ${count.value} blocks`);
  }
  const records: XzIndexRecord[] = [];
  let offset = count.next;
  for (let index = 0; index < count.value; index++) {
    const unpadded = decodeVarint(body, offset);
    const raw = decodeVarint(body, unpadded.next);
    offset = raw.next;
    if (unpadded.value < MIN_UNPADDED_BYTES) {
      throw new ImageError('IMAGE_CORRUPT', `xz: the index claims a block of ${unpadded.value} bytes`);
    }
    records.push({ unpaddedBytes: unpadded.value, rawBytes: raw.value });
  }
  if (paddedToFour(offset) !== end || body.subarray(offset).some((byte) => byte !== 0)) {
    throw new ImageError('IMAGE_CORRUPT', 'xz: the index does not end after its records');
  }
  return records;
}

/** Writes the index of a stream. */
export function renderIndex(records: readonly XzIndexRecord[]): Buffer {
  const bytes: number[] = [0];
  encodeVarint(records.length, bytes);
  for (const { unpaddedBytes, rawBytes } of records) {
    encodeVarint(unpaddedBytes, bytes);
    encodeVarint(rawBytes, bytes);
  }
  const index = Buffer.alloc(paddedToFour(bytes.length) + 4);
  index.set(bytes);
  index.writeUInt32LE(crc32(index.subarray(0, -4)), index.length - 4);
  return index;
}
