import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc16, crc32c, crc32cNumber } from './checksum.js';

/** Bit by bit, as the definition has it. */
function crc32cOfDefinition(seed: number, data: Uint8Array): number {
  let crc = seed >>> 0;
  for (const byte of data) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return crc >>> 0;
}

describe('crc32c', () => {
  it('gives the published value of RFC 3720', () => {
    expect((crc32c(0xffffffff, Buffer.from('123456789')) ^ 0xffffffff) >>> 0).toBe(0xe3069283);
    expect((crc32c(0xffffffff, Buffer.alloc(32)) ^ 0xffffffff) >>> 0).toBe(0x8a9136aa);
  });

  it('does what the definition does, whatever the seed, the length and the place', () => {
    const data = fc.uint8Array({ maxLength: 100 });
    fc.assert(
      fc.property(fc.nat(0xffffffff), data, fc.nat(8), (seed, bytes, from) => {
        const part = bytes.subarray(from);
        expect(crc32c(seed, part)).toBe(crc32cOfDefinition(seed, part));
      }),
    );
  });

  it('goes on where it ended', () => {
    const data = Buffer.from('metadata of a filesystem, in two parts');
    for (let cut = 0; cut <= data.length; cut++)
      expect(crc32c(crc32c(7, data.subarray(0, cut)), data.subarray(cut))).toBe(crc32c(7, data));
    expect(crc32cNumber(7, 0x01020304)).toBe(crc32c(7, Buffer.from([4, 3, 2, 1])));
  });
});

describe('crc16', () => {
  it('gives the published value of CRC-16/ARC', () => {
    expect(crc16(0, Buffer.from('123456789'))).toBe(0xbb3d);
  });
});
