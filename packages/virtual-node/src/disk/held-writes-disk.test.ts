import { MemoryDisk } from '@turingpi/image';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HeldWritesDisk } from './held-writes-disk.js';

const SIZE = 3 * 4096 + 1000;

describe('HeldWritesDisk', () => {
  it('reads what was written, leaves the disk alone until the commit, and then makes them equal', async () => {
    const write = fc.record({
      offset: fc.integer({ min: 0, max: SIZE }),
      data: fc.uint8Array({ maxLength: 6000 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(write, { maxLength: 8 }), async (writes) => {
        const original = Buffer.alloc(SIZE, 'o');
        const base = new MemoryDisk(Buffer.from(original));
        const held = new HeldWritesDisk(base);
        const expected = Buffer.from(original);
        for (const { offset, data } of writes) {
          const fitting = data.subarray(0, SIZE - offset);
          await held.write(offset, fitting);
          expected.set(fitting, offset);
        }
        expect((await held.read(0, SIZE)).equals(expected)).toBe(true);
        expect((await held.read(4000, 5000)).equals(expected.subarray(4000, 9000))).toBe(true);
        expect((await base.read(0, SIZE)).equals(original)).toBe(true);
        await held.commit();
        expect((await base.read(0, SIZE)).equals(expected)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it('refuses to write beyond the end', async () => {
    const held = new HeldWritesDisk(new MemoryDisk(Buffer.alloc(SIZE)));
    await expect(held.write(SIZE - 1, Buffer.alloc(2))).rejects.toThrow(RangeError);
  });
});
