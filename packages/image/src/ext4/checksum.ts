const CRC32C_POLYNOMIAL = 0x82f63b78;
const CRC16_POLYNOMIAL = 0xa001;

/** Eight tables one behind the other: the n-th is for a byte that n more bytes follow. */
const crc32cTables = makeTables(CRC32C_POLYNOMIAL, 8);
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

function makeTables(polynomial: number, count: number): Uint32Array {
  const first = makeTable(polynomial);
  const tables = new Uint32Array(256 * count);
  tables.set(first);
  for (let index = 256; index < tables.length; index++) {
    const before = tables[index - 256] ?? 0;
    tables[index] = (before >>> 8) ^ (first[before & 0xff] ?? 0);
  }
  return tables;
}

/**
 * Continues a CRC-32C (Castagnoli, reflected) as ext4 uses it: seeded by the caller and never inverted at the end.
 */
export function crc32c(seed: number, data: Uint8Array): number {
  const table = crc32cTables;
  const bytes = Buffer.isBuffer(data) ? data : Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const whole = bytes.length - (bytes.length % 8);
  let crc = seed | 0;
  let at = 0;
  // An index outside of the table cannot occur; the defaults only satisfy the type checker.
  for (; at < whole; at += 8) {
    const low = crc ^ bytes.readInt32LE(at);
    const high = bytes.readInt32LE(at + 4);
    crc =
      (table[0x700 + (low & 0xff)] ?? 0) ^
      (table[0x600 + ((low >>> 8) & 0xff)] ?? 0) ^
      (table[0x500 + ((low >>> 16) & 0xff)] ?? 0) ^
      (table[0x400 + (low >>> 24)] ?? 0) ^
      (table[0x300 + (high & 0xff)] ?? 0) ^
      (table[0x200 + ((high >>> 8) & 0xff)] ?? 0) ^
      (table[0x100 + ((high >>> 16) & 0xff)] ?? 0) ^
      (table[high >>> 24] ?? 0);
  }
  for (; at < bytes.length; at++) crc = (table[(crc ^ (bytes[at] ?? 0)) & 0xff] ?? 0) ^ (crc >>> 8);
  return crc >>> 0;
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
