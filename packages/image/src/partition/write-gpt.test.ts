import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryDisk } from '../disk/memory-disk.js';
import { readPartitionTable } from './read-partition-table.js';
import { gptForDisk, type RenderedGpt, renderGpt } from './write-gpt.js';

const MIB = 1024 * 1024;
const LINUX = '0FC63DAF-8483-4772-8E79-3D69D8477DE4';

function diskWith({ head, tail }: RenderedGpt, sizeBytes: number): MemoryDisk {
  const disk = new MemoryDisk(Buffer.alloc(sizeBytes));
  head.copy(disk.bytes, 0);
  tail.copy(disk.bytes, sizeBytes - tail.length);
  return disk;
}

describe('a partition table of our own', () => {
  it('is read back as it was meant, also when it is moved to a larger disk', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 4, max: 12 }), fc.nat({ max: 5000 }), async (mib, moreSectors) => {
        const diskId = randomUUID();
        const partition = {
          offsetBytes: MIB,
          sizeBytes: (mib - 2) * MIB,
          type: LINUX,
          uuid: randomUUID(),
          name: 'installer',
        };
        const image = diskWith(renderGpt(diskId, [partition], mib * MIB), mib * MIB);
        const larger = mib * MIB + moreSectors * 512;
        const moved = await gptForDisk(image, larger);
        for (const disk of [image, diskWith(moved!, larger)]) {
          const table = await readPartitionTable(disk);
          expect(table).toEqual({
            scheme: 'gpt',
            diskId,
            sectorSizeBytes: 512,
            partitions: [{ number: 1, ...partition }],
          });
        }
      }),
      { numRuns: 20 },
    );
  });

  it('is not made up for a disk without one', async () => {
    const disk = new MemoryDisk(Buffer.alloc(MIB));
    expect(await gptForDisk(disk, 2 * MIB)).toBeUndefined();
  });
});
