const CRC32C_POLYNOMIAL = 0x82f63b78;
const CRC16_POLYNOMIAL = 0xa001;

const crc32cTable = makeTable(CRC32C_POLYNOMIAL);
const crc16Table = makeTable(CRC16_POLYNOMIAL);

function makeTable(polynomial: number): Uint32Array {
  const table = new Uint32Array(256);
  for (let index = 0; index < 256; index++) {
    let value = index;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ polynomial : value >>> 1;
    table[index] = value >>> 0;
  }
  return table;
}

/**
 * Continues a CRC-32C (Castagnoli, reflected) as ext4 uses it: seeded by the caller and never inverted at the end.
 */
export function crc32c(seed: number, data: Uint8Array): number {
  let crc = seed >>> 0;
  // An index beyond 255 cannot occur; the default only satisfies the type checker.
  for (const byte of data) crc = ((crc32cTable[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8)) >>> 0;
  return crc;
}

/** Continues a CRC-32C over one little-endian 32-bit number. */
export function crc32cNumber(seed: number, value: number): number {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return crc32c(seed, bytes);
}

/** Continues the CRC-16 (ANSI, reflected) that guards group descriptors where `metadata_csum` is absent. */
export function crc16(seed: number, data: Uint8Array): number {
  let crc = seed & 0xffff;
  for (const byte of data) crc = ((crc16Table[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8)) & 0xffff;
  return crc;
}
