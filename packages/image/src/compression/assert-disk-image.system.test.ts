import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LzmaNativeCodec } from '../xz/lzma-native-codec.js';
import { assertDiskImage } from './assert-disk-image.js';
import { openImageDisk } from './open-image-disk.js';

const run = promisify(execFile);
const MIB = 1024 * 1024;
const signal = new AbortController().signal;
const codec = new LzmaNativeCodec();

let directory: string;
beforeEach(async () => (directory = await mkdtemp(join(tmpdir(), 'assert-image-'))));
afterEach(() => rm(directory, { recursive: true, force: true }));

/** An MBR whose first entry is one Linux partition, and whose others are what is given. */
function diskWith(entries: readonly Buffer[]): Buffer {
  const disk = Buffer.alloc(3 * MIB);
  disk.fill('content ', MIB, 2 * MIB);
  disk.writeUInt8(0x83, 450);
  disk.writeUInt32LE(MIB / 512, 454);
  disk.writeUInt32LE((2 * MIB) / 512, 458);
  for (const [index, entry] of entries.entries()) entry.copy(disk, 462 + index * 16);
  disk.writeUInt16LE(0xaa55, 510);
  return disk;
}

function entry(status: number, type: number, firstSector: number, sectors: number): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt8(status);
  bytes.writeUInt8(type, 4);
  bytes.writeUInt32LE(firstSector, 8);
  bytes.writeUInt32LE(sectors, 12);
  return bytes;
}

/** The file in every container that is read, made by the programs that make them. */
async function inEveryContainer(raw: Buffer): Promise<Readonly<Record<string, string>>> {
  const file = join(directory, 'disk.img');
  await writeFile(file, raw);
  const inShell = (command: string) => run('sh', ['-c', command], { cwd: directory });
  await inShell('xz -k --block-size=262144 disk.img && zstd -q -k disk.img && gzip -k disk.img');
  await inShell('bzip2 -k disk.img && zip -q disk.img.zip disk.img');
  const packed = ['xz', 'zst', 'gz', 'bz2', 'zip'].map((ending) => [ending, `${file}.${ending}`] as const);
  return Object.fromEntries([['raw', file], ...packed]);
}

async function verdictOn(path: string): Promise<string> {
  try {
    await using source = await openImageDisk(path, { signal, cacheDir: join(directory, 'cache'), codec });
    await assertDiskImage(source);
    return 'fine';
  } catch (error) {
    return (error as { code: string }).code;
  }
}

const RUBBISH = Buffer.alloc(16, 0x5a);

describe('a partition table is judged alike in every container', () => {
  it.each<[string, string, readonly Buffer[]]>([
    ['with nothing in entries 2 to 4', 'fine', []],
    ['with rubbish in entries 2 to 4', 'IMAGE_NOT_AN_IMAGE', [RUBBISH, RUBBISH, RUBBISH]],
    ['with a partition over the table itself', 'IMAGE_PARTITION_TABLE', [entry(0, 0x83, 0, 16)]],
  ])('%s: %s', async (_what, code, entries) => {
    const files = Object.entries(await inEveryContainer(diskWith(entries)));
    const verdicts = await Promise.all(
      files.map(async ([container, path]) => [container, await verdictOn(path)]),
    );
    expect(verdicts).toEqual(['raw', 'xz', 'zst', 'gz', 'bz2', 'zip'].map((name) => [name, code]));
  });
});
