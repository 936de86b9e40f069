import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Crc64 } from './crc64.js';

test('the check value of the polynomial that Redis uses', () => {
  const crc = new Crc64();
  crc.update(Buffer.from('123456789'));
  expect(crc.value).toBe(0xe9c6d914c4b8d9can);
});

test('pieces of any length give the same as bit by bit', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 6 }), (pieces) => {
      const crc = new Crc64();
      for (const piece of pieces) crc.update(Buffer.from(piece));
      let slow = 0n;
      for (const byte of Buffer.concat(pieces)) {
        slow ^= BigInt(byte);
        for (let bit = 0; bit < 8; bit += 1)
          slow = slow & 1n ? (slow >> 1n) ^ 0x95ac9329ac4bc9b5n : slow >> 1n;
      }
      expect(crc.value).toBe(slow);
    }),
    { numRuns: 50 },
  );
});
