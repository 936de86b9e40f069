import { crc32 } from 'node:zlib';

const HEADER_BYTES = 64;
const MAGIC = 0x2705_1956;

/** Whether a file is a legacy image of U-Boot (`mkimage`, include/image.h), as Armbian's `uInitrd` is. */
export function isLegacyImage(file: Buffer): boolean {
  return file.length > HEADER_BYTES && file.readUInt32BE(0) === MAGIC;
}

/** Puts bytes behind what a legacy image holds, and makes its sizes and checksums right. */
export function appendToLegacyImage(file: Buffer, more: Buffer): Buffer {
  const size = file.readUInt32BE(12);
  const data = Buffer.concat([file.subarray(HEADER_BYTES, HEADER_BYTES + size), more]);
  const header = Buffer.from(file.subarray(0, HEADER_BYTES));
  header.writeUInt32BE(data.length, 12);
  header.writeUInt32BE(crc32(data), 24);
  header.writeUInt32BE(0, 4);
  header.writeUInt32BE(crc32(header), 4);
  return Buffer.concat([header, data]);
}
