import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MemoryDisk } from '../disk/memory-disk.js';
import { readPartitionTable } from './read-partition-table.js';

const PATH = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;
const MIB = 1024 * 1024;
const missing = ['sfdisk', 'mkfs.vfat', 'mke2fs', 'xz'].filter(
  (name) => !PATH.split(':').some((directory) => existsSync(join(directory, name))),
);
if (missing.length > 0 && process.env['CI'] === 'true') throw new Error(`needs ${missing.join(', ')}`);

const GPT_SCRIPT =
  'label: gpt\nlabel-id: 8F0C1E64-3B1A-4F5D-9C77-2D6A5B0E9A11\n' +
  'start=2048, size=2048, type=EBD0A0A2-B9E5-4433-87C0-68B6B72699C7, uuid=1B2C7A90-6D0E-4C2B-8A55-0F3E9D471C02, name="first ü"\n' +
  'start=4096, size=4096, type=0FC63DAF-8483-4772-8E79-3D69D8477DE4, uuid=5A9E4D3C-7F21-4E8B-B6A0-C4D2E1F00B03\n';
const MBR_SCRIPT =
  'label: dos\nlabel-id: 0x0c5d9e27\nstart=2048, size=2048, type=c\n' +
  'start=4096, size=10240, type=f\nstart=6144, size=2048, type=83\nstart=10240, size=2048, type=83\n';

describe.skipIf(missing.length > 0)('readPartitionTable', () => {
  let work: string;
  let gpt: Buffer;
  let mbr: Buffer;
  const tool = (command: string, args: string[], input?: string) =>
    execFileSync(command, args, {
      env: { PATH, LC_ALL: 'C' },
      stdio: ['pipe', 'pipe', 'pipe'],
      maxBuffer: 100 * MIB,
      ...(input === undefined ? {} : { input }),
    });
  const make = (command: string, args: string[], input?: string) => {
    const file = join(work, 'disk.img');
    rmSync(file, { force: true });
    writeFileSync(file, Buffer.alloc(8 * MIB));
    tool(command, [...args, file], input);
    return readFileSync(file);
  };
  beforeAll(() => {
    work = mkdtempSync(join(tmpdir(), 'partition-'));
    gpt = make('sfdisk', ['--quiet'], GPT_SCRIPT);
    mbr = make('sfdisk', ['--quiet'], MBR_SCRIPT);
  });
  afterAll(() => rmSync(work, { recursive: true, force: true }));
  const read = (bytes: Buffer) => readPartitionTable(new MemoryDisk(bytes));
  const edited = (bytes: Buffer, edit: (copy: Buffer) => void) => {
    const copy = Buffer.from(bytes);
    edit(copy);
    return copy;
  };

  it('reads a GPT with names and identifiers', async () => {
    expect(await read(gpt)).toEqual({
      scheme: 'gpt',
      diskId: '8f0c1e64-3b1a-4f5d-9c77-2d6a5b0e9a11',
      sectorSizeBytes: 512,
      partitions: [
        {
          number: 1,
          offsetBytes: MIB,
          sizeBytes: MIB,
          type: 'EBD0A0A2-B9E5-4433-87C0-68B6B72699C7',
          uuid: '1b2c7a90-6d0e-4c2b-8a55-0f3e9d471c02',
          name: 'first ü',
        },
        {
          number: 2,
          offsetBytes: 2 * MIB,
          sizeBytes: 2 * MIB,
          type: '0FC63DAF-8483-4772-8E79-3D69D8477DE4',
          uuid: '5a9e4d3c-7f21-4e8b-b6a0-c4d2e1f00b03',
          name: undefined,
        },
      ],
    });
  });

  it('reads an MBR with logical partitions, numbered as Linux does', async () => {
    const table = await read(mbr);
    expect(table).toMatchObject({ scheme: 'mbr', diskId: '0c5d9e27' });
    expect(
      table.partitions.map(({ number, offsetBytes, sizeBytes, type, uuid }) => [
        number,
        offsetBytes,
        sizeBytes,
        type,
        uuid,
      ]),
    ).toEqual([
      [1, MIB, MIB, '0x0c', '0c5d9e27-01'],
      [5, 3 * MIB, MIB, '0x83', '0c5d9e27-05'],
      [6, 5 * MIB, MIB, '0x83', '0c5d9e27-06'],
    ]);
  });

  it('takes a filesystem over the whole disk as its one partition', async () => {
    for (const bytes of [make('mkfs.vfat', []), make('mke2fs', ['-q', '-F', '-t', 'ext4'])]) {
      expect(await read(bytes)).toMatchObject({
        scheme: 'none',
        partitions: [{ number: 1, offsetBytes: 0, sizeBytes: 8 * MIB }],
      });
    }
  });

  it('uses the backup of a GPT whose header or entries are damaged, and says so', async () => {
    const { partitions } = await read(gpt);
    for (const at of [512 + 20, 512 + 60, 1024 + 40]) {
      const table = await read(edited(gpt, (bytes) => bytes.writeUInt8(bytes.readUInt8(at) ^ 0xff, at)));
      expect(table.partitions).toEqual(partitions);
      expect(table.notes?.join()).toMatch(/primary GPT .* the backup was used/);
    }
    const noBackup = await read(edited(gpt, (bytes) => bytes.fill(0, bytes.length - 512)));
    expect(noBackup.partitions).toEqual(partitions);
    expect(noBackup.notes?.join()).toMatch(/backup GPT header is missing/);
  });

  it('refuses damaged tables by code', async () => {
    const bothGone = edited(gpt, (bytes) => bytes.fill(0, 512, 1024).fill(0, bytes.length - 512));
    const cut = gpt.subarray(0, 3 * MIB);
    const beyond = edited(mbr, (bytes) => bytes.writeUInt32LE(99_999, 446 + 12));
    const overlap = edited(mbr, (bytes) => bytes.writeUInt32LE(8192, 446 + 12));
    const extendedLoop = edited(mbr, (bytes) => bytes.writeUInt32LE(0, 4096 * 512 + 446 + 16 + 8));
    const lostRecord = edited(mbr, (bytes) => bytes.fill(0, 4096 * 512, 4097 * 512));
    const outOfExtended = edited(mbr, (bytes) => bytes.writeUInt32LE(0x7fff_ffff, 4096 * 512 + 446 + 16 + 8));
    for (const bytes of [bothGone, cut, beyond, overlap, extendedLoop, lostRecord, outOfExtended])
      await expect(read(bytes)).rejects.toMatchObject({ code: 'IMAGE_PARTITION_TABLE' });
  });

  it('refuses what is not a disk image', async () => {
    for (const bytes of [Buffer.alloc(0), Buffer.alloc(100), Buffer.alloc(MIB), Buffer.alloc(MIB, 'text')])
      await expect(read(bytes)).rejects.toMatchObject({ code: 'IMAGE_NOT_AN_IMAGE' });
  });

  it('ends with a table inside the disk or a code, whatever the bytes', async () => {
    const place = (from: number, to: number) =>
      fc.record({ at: fc.integer({ min: from, max: to }), byte: fc.nat(255) });
    const damage = fc.oneof(place(440, 511), place(512, 512 + 100), place(1024, 1024 + 300));
    const base = fc.constantFrom('gpt' as const, 'mbr' as const);
    await fc.assert(
      fc.asyncProperty(base, fc.array(damage, { minLength: 1, maxLength: 12 }), async (which, damages) => {
        const source = which === 'gpt' ? gpt : mbr;
        const bytes = edited(source, (copy) => damages.forEach(({ at, byte }) => copy.writeUInt8(byte, at)));
        try {
          for (const { offsetBytes, sizeBytes } of (await read(bytes)).partitions)
            expect(offsetBytes + sizeBytes).toBeLessThanOrEqual(bytes.length);
        } catch (error) {
          expect((error as { code?: string }).code).toMatch(/^IMAGE_(PARTITION_TABLE|NOT_AN_IMAGE)$/);
        }
      }),
      { numRuns: 150 },
    );
  });
});
