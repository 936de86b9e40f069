// CRC-64 as Redis uses it (Jones polynomial, reflected), in two 32-bit halves because BigInt is too slow for images.
const POLYNOMIAL = 0x95ac9329ac4bc9b5n;
const SLICES = 8;
const LOW = new Int32Array(256 * SLICES);
const HIGH = new Int32Array(256 * SLICES);

for (let byte = 0; byte < 256; byte += 1) {
  let value = BigInt(byte);
  for (let bit = 0; bit < 8; bit += 1) value = value & 1n ? (value >> 1n) ^ POLYNOMIAL : value >> 1n;
  LOW[byte] = Number(value & 0xffffffffn);
  HIGH[byte] = Number(value >> 32n);
}
for (let at = 256; at < 256 * SLICES; at += 1) {
  const low = LOW[at - 256] ?? 0;
  const high = HIGH[at - 256] ?? 0;
  const step = low & 0xff;
  LOW[at] = ((low >>> 8) | (high << 24)) ^ (LOW[step] ?? 0);
  HIGH[at] = (high >>> 8) ^ (HIGH[step] ?? 0);
}

/** A running CRC-64, by which the daemon compares what it wrote with what it reads back. */
export class Crc64 {
  #low = 0;
  #high = 0;

  update(data: Buffer): void {
    let low = this.#low;
    let high = this.#high;
    const words = wordsOf(data);
    for (let at = 0; at < words.length; at += 2) {
      /* eslint-disable @typescript-eslint/no-non-null-assertion -- every index is below 2048; a fallback would halve the speed */
      const a = low ^ words[at]!;
      const b = high ^ words[at + 1]!;
      low =
        LOW[1792 + (a & 255)]! ^
        LOW[1536 + ((a >>> 8) & 255)]! ^
        LOW[1280 + ((a >>> 16) & 255)]! ^
        LOW[1024 + (a >>> 24)]! ^
        LOW[768 + (b & 255)]! ^
        LOW[512 + ((b >>> 8) & 255)]! ^
        LOW[256 + ((b >>> 16) & 255)]! ^
        LOW[b >>> 24]!;
      high =
        HIGH[1792 + (a & 255)]! ^
        HIGH[1536 + ((a >>> 8) & 255)]! ^
        HIGH[1280 + ((a >>> 16) & 255)]! ^
        HIGH[1024 + (a >>> 24)]! ^
        HIGH[768 + (b & 255)]! ^
        HIGH[512 + ((b >>> 8) & 255)]! ^
        HIGH[256 + ((b >>> 16) & 255)]! ^
        HIGH[b >>> 24]!;
      /* eslint-enable @typescript-eslint/no-non-null-assertion */
    }
    for (let at = words.length * 4; at < data.length; at += 1) {
      const step = (low ^ data.readUInt8(at)) & 255;
      low = ((low >>> 8) | (high << 24)) ^ (LOW[step] ?? 0);
      high = (high >>> 8) ^ (HIGH[step] ?? 0);
    }
    this.#low = low;
    this.#high = high;
  }

  /** The value so far, as the unsigned number that error texts show. */
  get value(): bigint {
    return (BigInt(this.#high >>> 0) << 32n) | BigInt(this.#low >>> 0);
  }
}

/** The whole pairs of words at the beginning, in little-endian order as every processor that Node.js 20 runs on but one. */
function wordsOf(data: Buffer): Int32Array {
  const aligned = data.byteOffset % 4 === 0 ? data : Uint8Array.prototype.slice.call(data);
  return new Int32Array(aligned.buffer, aligned.byteOffset, (data.length >>> 3) * 2);
}
