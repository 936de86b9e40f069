import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { beginBlockCheck } from './block-check.js';
import { findSystemXz } from './system-xz-codec.js';
import { xzCheckSize } from './xz-check.js';

const system = await findSystemXz();
if (!system && process.env['CI'] === 'true') throw new Error('these tests need the xz program');

describe('the check of a block', () => {
  it('is the published one of CRC-64/XZ', () => {
    const check = beginBlockCheck('crc64');
    check.update(Buffer.from('123456789'));
    expect(check.digest().readBigUInt64LE()).toBe(0x995dc9bbdf1939fan);
  });

  it.each(['none', 'crc32', 'crc64', 'sha256'] as const)(
    '%s does not depend on how the data comes',
    (kind) => {
      fc.assert(
        fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 }), (parts) => {
          const apart = beginBlockCheck(kind);
          for (const part of parts) apart.update(Buffer.from(part));
          const whole = beginBlockCheck(kind);
          whole.update(Buffer.concat(parts));
          expect(apart.digest()).toEqual(whole.digest());
        }),
      );
    },
  );

  it.skipIf(!system).each(['crc32', 'crc64', 'sha256'] as const)(
    '%s is what xz writes (needs xz)',
    (kind) => {
      for (const length of [1, 3, 4, 1001, 70_000]) {
        const data = randomBytes(length);
        const encoded = execFileSync('xz', ['-c', '-0', '-T1', `--check=${kind}`], { input: data });
        const indexBytes = (encoded.readUInt32LE(encoded.length - 8) + 1) * 4;
        const end = encoded.length - 12 - indexBytes;
        const check = beginBlockCheck(kind);
        check.update(data);
        expect(check.digest()).toEqual(encoded.subarray(end - xzCheckSize(kind), end));
      }
    },
  );
});
