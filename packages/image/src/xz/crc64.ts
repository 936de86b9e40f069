/** The polynomial of ECMA-182, bits reversed, as two words of 32 bits. */
const POLYNOMIAL_LOW = 0xd7870f42;
const POLYNOMIAL_HIGH = 0xc96c5795;

/** Bytes taken at a time, each with a table of its own. */
const SLICES = 4;
/** Entries of one table, of two words each: the low one, then the high one. */
const TABLE_WORDS = 512;

/** What every byte adds: in the first table as the last of the four, in the last as the first. */
const TABLES = remainders();

/**
 * CRC-64 as the .xz format has it (specification 2.1.1.2 and 6): four bytes at a time, 64 bits as two signed words of 32, and
 * by index, because an iterator over bytes takes four times as long and BigInt a hundred times.
 */
export class Crc64 {
  #low = -1;
  #high = -1;

  update(bytes: Uint8Array): void {
    const { length } = bytes;
    let low = this.#low;
    let high = this.#high;
    let at = 0;
    for (; at + SLICES <= length; at += SLICES) {
      const word = low ^ (byteAt(bytes, at) | (byteAt(bytes, at + 1) << 8) | (byteAt(bytes, at + 2) << 16));
      const first = 3 * TABLE_WORDS + (word & 0xff) * 2;
      const second = 2 * TABLE_WORDS + ((word >>> 8) & 0xff) * 2;
      const third = TABLE_WORDS + ((word >>> 16) & 0xff) * 2;
      const fourth = ((word >>> 24) ^ byteAt(bytes, at + 3)) * 2;
      low = high ^ wordAt(first) ^ wordAt(second) ^ wordAt(third) ^ wordAt(fourth);
      high = wordAt(first + 1) ^ wordAt(second + 1) ^ wordAt(third + 1) ^ wordAt(fourth + 1);
    }
    for (; at < length; at++) {
      const entry = ((low ^ byteAt(bytes, at)) & 0xff) * 2;
      low = ((low >>> 8) | (high << 24)) ^ wordAt(entry);
      high = (high >>> 8) ^ wordAt(entry + 1);
    }
    this.#low = low;
    this.#high = high;
  }

  /** The eight bytes that stand in the file. */
  digest(): Buffer {
    const bytes = Buffer.alloc(8);
    bytes.writeInt32LE(~this.#low);
    bytes.writeInt32LE(~this.#high, 4);
    return bytes;
  }
}

function byteAt(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0;
}

function wordAt(index: number): number {
  return TABLES[index] ?? 0;
}

function remainders(): Int32Array {
  const tables = new Int32Array(SLICES * TABLE_WORDS);
  for (let byte = 0; byte < 256; byte++) {
    let low = byte;
    let high = 0;
    for (let bit = 0; bit < 8; bit++) {
      const odd = low & 1;
      low = (low >>> 1) | (high << 31);
      high >>>= 1;
      if (odd) {
        low ^= POLYNOMIAL_LOW;
        high ^= POLYNOMIAL_HIGH;
      }
    }
    tables[byte * 2] = low;
    tables[byte * 2 + 1] = high;
  }
  for (let entry = TABLE_WORDS; entry < tables.length; entry += 2) {
    const low = tables[entry - TABLE_WORDS] ?? 0;
    const high = tables[entry - TABLE_WORDS + 1] ?? 0;
    const next = (low & 0xff) * 2;
    tables[entry] = ((low >>> 8) | (high << 24)) ^ (tables[next] ?? 0);
    tables[entry + 1] = (high >>> 8) ^ (tables[next + 1] ?? 0);
  }
  return tables;
}
