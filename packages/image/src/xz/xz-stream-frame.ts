import { crc32 } from 'node:zlib';
import { ImageError } from '../image-error.js';
import { xzCheckId, xzCheckOf, type XzCheck } from './xz-check.js';

/** First six bytes of every .xz stream. */
export const XZ_MAGIC = Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]);
const FOOTER_MAGIC = Buffer.from('YZ', 'latin1');

/** Length in bytes of a stream header, and of a stream footer. */
export const XZ_FRAME_BYTES = 12;

/** Largest length of an index that the footer can express: 2^32 four-byte words. */
const MAX_INDEX_BYTES = 2 ** 34;

function checkOfFlags(flags: Uint8Array): XzCheck {
  const [reserved = 0, id = 0] = flags;
  const check = reserved === 0 ? xzCheckOf(id) : undefined;
  if (!check) {
    throw new ImageError(
      'IMAGE_UNSUPPORTED_COMPRESSION',
      `xz: stream flags 0x${Buffer.from(flags).toString('hex')} are not known`,
    );
  }
  return check;
}

/**
 * Reads a stream header (specification 2.1.1).
 *
 * @throws ImageError `IMAGE_CORRUPT`, or `IMAGE_UNSUPPORTED_COMPRESSION` for a check type of the future.
 */
export function parseStreamHeader(bytes: Buffer): XzCheck {
  if (bytes.length < XZ_FRAME_BYTES || !bytes.subarray(0, 6).equals(XZ_MAGIC)) {
    throw new ImageError('IMAGE_CORRUPT', 'xz: a stream does not begin with the magic bytes');
  }
  if (crc32(bytes.subarray(6, 8)) !== bytes.readUInt32LE(8)) {
    throw new ImageError('IMAGE_CORRUPT', 'xz: the checksum of a stream header is wrong');
  }
  return checkOfFlags(bytes.subarray(6, 8));
}

/** Writes a stream header. */
export function renderStreamHeader(check: XzCheck): Buffer {
  const header = Buffer.alloc(XZ_FRAME_BYTES);
  XZ_MAGIC.copy(header);
  header[7] = xzCheckId(check);
  header.writeUInt32LE(crc32(header.subarray(6, 8)), 8);
  return header;
}

/** What a stream footer says. */
export interface XzStreamFooter {
  readonly check: XzCheck;
  /** Length of the index before the footer, in bytes. */
  readonly indexBytes: number;
}

/**
 * Reads a stream footer (specification 2.1.2).
 *
 * @throws ImageError `IMAGE_CORRUPT`, or `IMAGE_UNSUPPORTED_COMPRESSION` for a check type of the future.
 */
export function parseStreamFooter(bytes: Buffer): XzStreamFooter {
  if (bytes.length < XZ_FRAME_BYTES || !bytes.subarray(10, 12).equals(FOOTER_MAGIC)) {
    throw new ImageError(
      'IMAGE_CORRUPT',
      'xz: a stream does not end with a footer: the file is cut off or followed by other data',
    );
  }
  if (crc32(bytes.subarray(4, 10)) !== bytes.readUInt32LE(0)) {
    throw new ImageError('IMAGE_CORRUPT', 'xz: the checksum of a stream footer is wrong');
  }
  return { check: checkOfFlags(bytes.subarray(8, 10)), indexBytes: (bytes.readUInt32LE(4) + 1) * 4 };
}

/** Writes a stream footer. */
export function renderStreamFooter(check: XzCheck, indexBytes: number): Buffer {
  if (indexBytes % 4 !== 0 || indexBytes < 4 || indexBytes > MAX_INDEX_BYTES) {
    throw new RangeError(`not the length of an index: ${indexBytes}`);
  }
  const footer = Buffer.alloc(XZ_FRAME_BYTES);
  footer.writeUInt32LE(indexBytes / 4 - 1, 4);
  footer[9] = xzCheckId(check);
  FOOTER_MAGIC.copy(footer, 10);
  footer.writeUInt32LE(crc32(footer.subarray(4, 10)), 0);
  return footer;
}
