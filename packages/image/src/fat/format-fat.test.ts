import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryDisk } from '../disk/memory-disk.js';
import { usedFatRanges } from './used-ranges.js';
import { openFat } from './fat-file-system.js';
import { formatFat } from './format-fat.js';

const MIB = 1024 * 1024;

describe('an empty FAT', () => {
  it('holds what is written to it, whatever its size, and tells what is in use', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 8, max: 80 }),
        fc.nat({ max: 2047 }),
        fc.nat({ max: 0xffff_ffff }),
        async (mib, sectors, volumeId) => {
          const disk = new MemoryDisk(Buffer.alloc(mib * MIB + sectors * 512));
          await formatFat(disk, { label: 'installer', volumeId });
          const content = Buffer.alloc(300_000, mib);
          {
            await using fat = await openFat(disk);
            await fat.mkdir('/a directory');
            await fat.writeFile('/a directory/a long name.txt', content);
            await fat.flush();
            await fat.selfCheck();
          }
          await using again = await openFat(disk);
          expect(again.label).toBe('INSTALLER');
          expect((await again.readFile('/a directory/a long name.txt')).equals(content)).toBe(true);
          const used = (await usedFatRanges(disk)).reduce((sum, { length }) => sum + length, 0);
          const { totalBytes, freeBytes } = await again.usage();
          expect(Math.abs(used - (totalBytes - freeBytes))).toBeLessThan(2 * MIB);
        },
      ),
      { numRuns: 12 },
    );
  });

  it('is refused where none fits', async () => {
    const disk = new MemoryDisk(Buffer.alloc(MIB));
    await expect(formatFat(disk, { label: 'small', volumeId: 1 })).rejects.toMatchObject({
      code: 'IMAGE_NO_SPACE',
    });
  });
});
