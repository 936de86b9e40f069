import { crc32 } from 'node:zlib';
import { ImageError } from '../image-error.js';
import { LZMA2 } from './lzma2.js';
import { paddedToFour } from './xz-index.js';
import { decodeVarint, encodeVarint } from './xz-varint.js';

/** One filter of a block's chain: LZMA2, delta, or a branch converter of some processor. */
export interface XzFilter {
  readonly id: number;
  readonly properties: Buffer;
}

/** The header at the beginning of a block. */
export interface XzBlockHeader {
  /** Its own length in bytes. */
  readonly headerBytes: number;
  /** Length of the compressed data, when the header says so. */
  readonly compressedBytes: number | undefined;
  /** Length of the decompressed data, when the header says so. */
  readonly rawBytes: number | undefined;
  readonly filters: readonly XzFilter[];
}

/** The longest header there can be (specification 3.1.1). */
export const MAX_BLOCK_HEADER_BYTES = 1024;

const HAS_COMPRESSED_SIZE = 0x40;
const HAS_RAW_SIZE = 0x80;
const RESERVED_FLAGS = 0x3c;

/**
 * Reads a block header (specification 3.1) from bytes that begin with it.
 *
 * @throws ImageError `IMAGE_CORRUPT`, or `IMAGE_UNSUPPORTED_COMPRESSION` for flags of the future.
 */
export function parseBlockHeader(bytes: Buffer): XzBlockHeader {
  const headerBytes = ((bytes[0] ?? 0) + 1) * 4;
  if (bytes.length < headerBytes || headerBytes < 8) {
    throw new ImageError('IMAGE_CORRUPT', 'xz: a block header is missing');
  }
  const body = bytes.subarray(0, headerBytes - 4);
  if (crc32(body) !== bytes.readUInt32LE(headerBytes - 4)) {
    throw new ImageError('IMAGE_CORRUPT', 'xz: the checksum of a block header is wrong');
  }
  const flags = body[1] ?? 0;
  if (flags & RESERVED_FLAGS) {
    throw new ImageError(
      'IMAGE_UNSUPPORTED_COMPRESSION',
      `xz: block flags 0x${flags.toString(16)} are not known`,
    );
  }
  let offset = 2;
  const optionalSize = (present: boolean): number | undefined => {
    if (!present) return undefined;
    const size = decodeVarint(body, offset);
    offset = size.next;
    return size.value;
  };
  const compressedBytes = optionalSize((flags & HAS_COMPRESSED_SIZE) !== 0);
  const rawBytes = optionalSize((flags & HAS_RAW_SIZE) !== 0);
  const filters: XzFilter[] = [];
  for (let index = 0; index <= (flags & 3); index++) {
    const id = decodeVarint(body, offset);
    const length = decodeVarint(body, id.next);
    offset = length.next + length.value;
    if (offset > body.length)
      throw new ImageError('IMAGE_CORRUPT', 'xz: a filter is longer than its block header');
    filters.push({ id: id.value, properties: body.subarray(length.next, offset) });
  }
  if (body.subarray(offset).some((byte) => byte !== 0)) {
    throw new ImageError('IMAGE_CORRUPT', 'xz: a block header does not end after its filters');
  }
  return { headerBytes, compressedBytes, rawBytes, filters };
}

/** Writes a block header; both sizes are always written, so that a decoder can hold the block to them. */
export function renderBlockHeader(
  filters: readonly XzFilter[],
  compressedBytes: number,
  rawBytes: number,
): Buffer {
  if (filters.length < 1 || filters.length > 4) throw new RangeError('a block has one to four filters');
  const body: number[] = [0, HAS_COMPRESSED_SIZE | HAS_RAW_SIZE | (filters.length - 1)];
  encodeVarint(compressedBytes, body);
  encodeVarint(rawBytes, body);
  for (const { id, properties } of filters) {
    encodeVarint(id, body);
    encodeVarint(properties.length, body);
    body.push(...properties);
  }
  const header = Buffer.alloc(paddedToFour(body.length) + 4);
  if (header.length > MAX_BLOCK_HEADER_BYTES) throw new RangeError('the filters do not fit a block header');
  header.set(body);
  header[0] = header.length / 4 - 1;
  header.writeUInt32LE(crc32(header.subarray(0, -4)), header.length - 4);
  return header;
}

/**
 * Memory that decoding a block takes: the dictionary of its LZMA2 filter, in bytes; 0 when it has none.
 *
 * @throws ImageError `IMAGE_CORRUPT` when the filter's properties are not valid (specification 5.3.1).
 */
export function dictionaryBytes(header: XzBlockHeader): number {
  const lzma2 = header.filters.find((filter) => filter.id === LZMA2);
  if (!lzma2) return 0;
  const bits = lzma2.properties[0] ?? 0xff;
  if (lzma2.properties.length !== 1 || bits > 40) {
    throw new ImageError('IMAGE_CORRUPT', 'xz: the dictionary size of a block is not valid');
  }
  return bits === 40 ? 2 ** 32 - 1 : (2 | (bits & 1)) * 2 ** ((bits >> 1) + 11);
}
