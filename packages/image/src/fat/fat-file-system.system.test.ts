import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MemoryDisk } from '../disk/memory-disk.js';
import { openRawDisk } from '../disk/raw-disk.js';
import { LinkedImageFiles } from '../filesystem/linked-image-files.js';
import { type FatFileSystem, openFat } from './fat-file-system.js';

import { parseFatGeometry } from './fat-geometry.js';

const PATH = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;
const MIB = 1024 * 1024;
const NOW = new Date('2024-03-15T12:00:00Z');
const hasTool = (name: string) => PATH.split(':').some((directory) => existsSync(join(directory, name)));
const TOOLS = ['mkfs.vfat', 'fsck.vfat', 'mcopy', 'mdir', 'xz'];
const missing = TOOLS.filter((name) => !hasTool(name));
if (missing.length > 0 && process.env['CI'] === 'true') throw new Error(`needs ${missing.join(', ')}`);

/** The five geometries: the smallest FAT12, an ordinary FAT16, FAT32 with one and with many sectors a cluster, CIDATA. */
const GEOMETRIES = {
  'FAT12 of 1 MiB': { mib: 1, args: ['-F', '12'], mtools: true },
  'FAT16 of 8 MiB': { mib: 8, args: ['-F', '16', '-s', '1'], mtools: true },
  'FAT32 of 34 MiB': { mib: 34, args: ['-F', '32', '-s', '1'], mtools: true },
  'FAT32 with sectors of 4096': { mib: 4, args: ['-F', '32', '-S', '4096', '-s', '1'], mtools: false },
  'the out-of-spec FAT32 of 4 MiB': { mib: 4, args: ['-F', '32'], mtools: false },
} as const;

describe.skipIf(missing.length > 0)('FatFileSystem', () => {
  let work: string;
  beforeAll(() => (work = mkdtempSync(join(tmpdir(), 'fat-'))));
  afterAll(() => rmSync(work, { recursive: true, force: true }));

  const tool = (command: string, args: string[], options: { maxBuffer?: number; input?: string } = {}) =>
    execFileSync(command, args, { env: { PATH, LC_ALL: 'C' }, stdio: ['pipe', 'pipe', 'pipe'], ...options });

  function makeFat(geometry: keyof typeof GEOMETRIES, label = 'BOOT'): MemoryDisk {
    const { mib, args } = GEOMETRIES[geometry];
    const file = join(work, 'made.img');
    rmSync(file, { force: true });
    writeFileSync(file, Buffer.alloc(mib * MIB));
    tool('mkfs.vfat', ['--invariant', '-n', label, ...args, file]);
    return new MemoryDisk(readFileSync(file));
  }

  /** Fails with the report when fsck.vfat finds anything to complain about. */
  function assertClean(disk: MemoryDisk): string {
    const file = join(work, 'checked.img');
    writeFileSync(file, disk.bytes);
    const report = tool('fsck.vfat', ['-n', '-v', file]).toString();
    expect(report).not.toMatch(/Free cluster summary wrong|differ|Reclaim|Truncat|Bad|contains a free/i);
    return file;
  }

  async function snapshot(fs: FatFileSystem, path = '/'): Promise<Record<string, string>> {
    const found: Record<string, string> = {};
    for (const { name, type } of await fs.list(path)) {
      const at = path === '/' ? `/${name}` : `${path}/${name}`;
      if (type === 'directory') Object.assign(found, { [at]: '<dir>' }, await snapshot(fs, at));
      else found[at] = (await fs.readFile(at, { maxBytes: 64 * MIB })).toString('latin1');
    }
    return found;
  }

  describe.each(Object.keys(GEOMETRIES) as (keyof typeof GEOMETRIES)[])('%s', (geometry) => {
    it('keeps files, directories, long and UTF-8 names, and is clean for fsck.vfat', async () => {
      const disk = makeFat(geometry);
      const fs = await openFat(disk, { now: () => NOW });
      expect(fs.label).toBe('BOOT');
      await fs.mkdir('/Über größe');
      await fs.writeFile('/Über größe/文件 with a long name.conf', Buffer.from('inhalt'));
      await fs.writeFile('/user-data', Buffer.alloc(5000, 'u'));
      await fs.writeFile('/user-data', Buffer.from('#cloud-config\n'));
      await fs.writeFile('/EMPTY.TXT', Buffer.alloc(0));
      await fs.appendFile('/EMPTY.TXT', Buffer.alloc(700, 'a'));
      await fs.appendFile('/EMPTY.TXT', Buffer.alloc(700, 'b'));
      await fs.writeFile('/streamed', {
        stream: Readable.from([Buffer.alloc(3000, 1), Buffer.alloc(70_000, 2)]),
        size: 73_000,
      });
      for (let i = 0; i < 40; i++) await fs.writeFile(`/Über größe/file number ${i}`, Buffer.from(String(i)));
      await fs.rename('/streamed', '/Über größe/moved');
      await fs.remove('/Über größe/file number 7');
      await fs.selfCheck();

      const again = await openFat(disk);
      const all = await snapshot(again);
      expect(all['/user-data']).toBe('#cloud-config\n');
      expect(all['/EMPTY.TXT']).toBe('a'.repeat(700) + 'b'.repeat(700));
      expect(all['/Über größe/文件 with a long name.conf']).toBe('inhalt');
      expect(all['/Über größe/moved']).toBe('\x01'.repeat(3000) + '\x02'.repeat(70_000));
      expect(Object.keys(all)).toHaveLength(1 + 1 + 2 + 1 + 39);
      expect((await again.lstat('/USER-DATA'))?.mtime).toEqual(NOW);
      const file = assertClean(disk);
      if (GEOMETRIES[geometry].mtools) {
        expect(tool('mcopy', ['-i', file, '::EMPTY.TXT', '-']).toString()).toBe(all['/EMPTY.TXT']);
        expect(tool('mdir', ['-i', file, '-b', '::']).toString()).toContain('user-data');
      }
    });

    it('does the same as a model in random sequences of operations', async () => {
      const pristine = makeFat(geometry).bytes;
      await fc.assert(
        fc.asyncProperty(fc.array(operation, { minLength: 5, maxLength: 40 }), async (operations) => {
          const disk = new MemoryDisk(Buffer.from(pristine));
          const fs = await openFat(disk, { now: () => NOW });
          const model = new Map<string, string>([['/', '<dir>']]);
          for (const step of operations) {
            const expected = applyToModel(model, step);
            const actual = await applyToFat(fs, step).catch(
              (error: unknown) => (error as { code: string }).code,
            );
            expect(actual, JSON.stringify(step)).toBe(expected);
          }
          await fs.selfCheck();
          model.delete('/');
          expect(await snapshot(await openFat(disk))).toEqual(Object.fromEntries(model));
          assertClean(disk);
        }),
        { numRuns: Number(process.env['FUZZ_RUNS'] ?? 12) },
      );
    });

    it('refuses what does not fit and leaves the rest as it was', async () => {
      const disk = makeFat(geometry);
      const fs = await openFat(disk, { now: () => NOW });
      await fs.writeFile('/kept', Buffer.from('kept'));
      const { freeBytes, blockSizeBytes } = await fs.usage();
      await expect(fs.writeFile('/big', Buffer.alloc(freeBytes + 1))).rejects.toMatchObject({
        code: 'IMAGE_NO_SPACE',
      });
      const tooLong = { stream: Readable.from([Buffer.alloc(10)]), size: freeBytes + 2 * blockSizeBytes };
      await expect(fs.writeFile('/kept', tooLong)).rejects.toMatchObject({ code: 'IMAGE_NO_SPACE' });
      expect(tooLong.stream.destroyed).toBe(true);
      const short = { stream: Readable.from([Buffer.alloc(10)]), size: 2000 };
      await expect(fs.writeFile('/kept', short)).rejects.toMatchObject({ code: 'IMAGE_SOURCE_UNREADABLE' });
      expect((await fs.usage()).freeBytes).toBe(freeBytes);
      await fs.writeFile('/exactly', Buffer.alloc(freeBytes));
      await expect(fs.appendFile('/kept', Buffer.alloc(5000))).rejects.toMatchObject({
        code: 'IMAGE_NO_SPACE',
      });
      // A stream that only fits in place of the old content is taken into memory first, if it is not too large.
      const inPlace = { stream: Readable.from([Buffer.alloc(freeBytes, 7)]), size: freeBytes };
      if (freeBytes < 16 * MIB) await fs.writeFile('/exactly', inPlace);
      else await expect(fs.writeFile('/exactly', inPlace)).rejects.toMatchObject({ code: 'IMAGE_NO_SPACE' });
      await expect(fs.mkdir('/dir')).rejects.toMatchObject({ code: 'IMAGE_NO_SPACE' });
      await fs.selfCheck();
      expect((await fs.readFile('/kept')).toString()).toBe('kept');
      expect(await fs.list('/')).toHaveLength(2);
      assertClean(disk);
    });
  });

  it('reads and rewrites the seed of the RK1 base image in place', async () => {
    const base = join(import.meta.dirname, '../../../virtual-node/base-images/rk1-ubuntu.img.xz');
    const image = tool('xz', ['-dc', base], { maxBuffer: 100 * MIB });
    const disk = new MemoryDisk(Buffer.from(image.subarray(16 * MIB, 20 * MIB)));
    const fs = await openFat(disk, { now: () => NOW });
    expect(fs.label).toBe('CIDATA');
    expect(fs.facts).toMatchObject({ variant: 'FAT32', clusterCount: 8034 });
    expect((await fs.list('/')).map(({ name }) => name)).toEqual([
      'user-data',
      'meta-data',
      'network-config',
    ]);
    expect((await fs.readFile('/meta-data')).toString()).toContain('instance-id: cloud-image');
    await fs.writeFile('/user-data', Buffer.from('#cloud-config\nhostname: node1\n'.repeat(200)));
    await fs.selfCheck();
    assertClean(disk);
  });

  it('refuses what FAT cannot do, by code', async () => {
    const fs = await openFat(makeFat('FAT12 of 1 MiB'), { now: () => NOW });
    await fs.mkdir('/dir');
    await fs.writeFile('/dir/file', Buffer.from('x'));
    const cases: [Promise<unknown>, string][] = [
      [fs.symlink('target', '/link'), 'IMAGE_OPERATION_UNSUPPORTED'],
      [fs.link('/dir/file', '/hard'), 'IMAGE_OPERATION_UNSUPPORTED'],
      [fs.writeFile('/a:b', Buffer.from('')), 'IMAGE_PATH_INVALID'],
      [fs.writeFile('/dot.', Buffer.from('')), 'IMAGE_PATH_INVALID'],
      [fs.writeFile(`/${'n'.repeat(256)}`, Buffer.from('')), 'IMAGE_NAME_TOO_LONG'],
      [fs.writeFile('/dir', Buffer.from('')), 'IMAGE_IS_A_DIRECTORY'],
      [fs.writeFile('/nowhere/file', Buffer.from('')), 'IMAGE_PATH_NOT_FOUND'],
      [fs.writeFile('/dir/file/file', Buffer.from('')), 'IMAGE_NOT_A_DIRECTORY'],
      [fs.mkdir('/DIR'), 'IMAGE_PATH_EXISTS'],
      [fs.remove('/dir'), 'IMAGE_DIRECTORY_NOT_EMPTY'],
      [fs.remove('/nothing'), 'IMAGE_PATH_NOT_FOUND'],
      [fs.rename('/dir', '/dir/inside'), 'IMAGE_PATH_INVALID'],
      [fs.rename('/dir/file', '/dir'), 'IMAGE_IS_A_DIRECTORY'],
      [fs.rename('/dir', '/dir/file'), 'IMAGE_PATH_INVALID'],
      [fs.readFile('/dir'), 'IMAGE_IS_A_DIRECTORY'],
      [fs.readFile('/dir/file', { maxBytes: 0 }), 'IMAGE_TOO_LARGE'],
      [fs.list('/dir/file'), 'IMAGE_NOT_A_DIRECTORY'],
    ];
    for (const [attempt, code] of cases) await expect(attempt).rejects.toMatchObject({ code });
    await fs.writeFile(`/${'n'.repeat(255)}`, Buffer.from('fits'));
    await fs.rename('/dir', '/Dir');
    expect((await fs.list('/')).map(({ name }) => name)).toContain('Dir');
    await fs.selfCheck();
  });

  it('reads the names that mtools write, short ones with other letters than ASCII as well', async () => {
    const file = assertClean(makeFat('FAT16 of 8 MiB'));
    const names = ['GRÜSSE', 'lower.txt', 'ÄÖÜÉÑ.TXT', 'Mixed Case.yaml', '.hidden', 'grüße-日本'];
    const options = { env: { PATH, LC_ALL: 'C.UTF-8' }, input: 'x' };
    for (const name of names) execFileSync('mcopy', ['-i', file, '-', `::${name}`], options);
    const fs = await openFat(new MemoryDisk(readFileSync(file)), { now: () => NOW });
    expect((await fs.list('/')).map(({ name }) => name).sort()).toEqual([...names].sort());
    await fs.remove('/grüsse');
    await fs.rename('/äöüéñ.txt', '/letters');
    expect((await fs.list('/')).map(({ name }) => name)).not.toContain('GRÜSSE');
    await fs.selfCheck();
  });

  it('knows one directory by all of its names', async () => {
    const disk = makeFat('FAT16 of 8 MiB');
    const fs = await openFat(disk, { now: () => NOW });
    await fs.mkdir('/Boot overlays');
    for (const path of ['/Boot overlays/a', '/BOOT OVERLAYS/b', '/BOOTOV~1/c'])
      await fs.writeFile(path, Buffer.from(path));
    for (const inside of ['/BOOT OVERLAYS/d', '/BOOTOV~1/d'])
      await expect(fs.rename('/Boot overlays', inside)).rejects.toMatchObject({ code: 'IMAGE_PATH_INVALID' });
    expect((await fs.list('/boot overlays')).map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    await fs.selfCheck();
    assertClean(disk);
  });

  it('ends with a code, soon, on damaged filesystems', async () => {
    const disk = makeFat('FAT32 of 34 MiB');
    const fs = await openFat(disk, { now: () => NOW });
    await fs.writeFile('/file', Buffer.alloc(20_000, 1));
    await fs.flush();
    const reserved = disk.bytes.readUInt16LE(14) * 512;
    const setEntry = (cluster: number, value: number) =>
      disk.bytes.writeUInt32LE(value, reserved + cluster * 4);
    const read = async () => (await openFat(disk)).readFile('/file');

    setEntry(10, 4); // a loop in the file's chain
    await expect(read()).rejects.toMatchObject({ code: 'IMAGE_FILESYSTEM_CORRUPT' });
    setEntry(10, 0x0fff_0000); // out of the filesystem
    await expect(read()).rejects.toMatchObject({ code: 'IMAGE_FILESYSTEM_CORRUPT' });
    setEntry(10, 0x0fff_ffff); // too short
    await expect(read()).rejects.toMatchObject({ code: 'IMAGE_FILESYSTEM_CORRUPT' });
    setEntry(2, 2); // the root directory loops
    await expect(openFat(disk)).rejects.toMatchObject({ code: 'IMAGE_FILESYSTEM_CORRUPT' });
  });

  it('refuses to be saved when an edit met damage, although others worked', async () => {
    const disk = makeFat('FAT16 of 8 MiB');
    const fs = await openFat(disk, { now: () => NOW });
    await fs.writeFile('/file', Buffer.alloc(9000));
    await fs.writeFile('/other', Buffer.from('fine'));
    await fs.selfCheck();
    const { fatOffset } = parseFatGeometry(disk.bytes.subarray(0, 512), disk.sizeBytes);
    disk.bytes.writeUInt16LE(0, fatOffset + 2 * 3); // the second cluster of the file is free
    const damaged = { code: 'IMAGE_FILESYSTEM_CORRUPT' };
    const again = await openFat(disk, { now: () => NOW });
    await expect(again.readFile('/file')).rejects.toMatchObject(damaged);
    await again.selfCheck(); // only looked at
    await expect(again.appendFile('/file', Buffer.from('more'))).rejects.toMatchObject(damaged);
    await again.writeFile('/other', Buffer.from('changed'));
    await expect(again.selfCheck()).rejects.toMatchObject({
      code: 'IMAGE_SELF_CHECK_FAILED',
      cause: expect.objectContaining(damaged) as unknown,
    });
  });

  it('does not take a file in millions of pieces into memory', async () => {
    const path = join(work, 'pieces.img');
    tool('truncate', ['-s', '700M', path]);
    tool('mkfs.vfat', ['-F', '32', '-s', '1', path]);
    await using disk = await openRawDisk(path, { writable: true });
    const pieces = 600_000;
    const fs = await openFat(disk, { now: () => NOW });
    await fs.writeFile('/FILE', Buffer.from('x'));
    await fs.flush();
    const geometry = parseFatGeometry(await disk.read(0, 512), disk.sizeBytes);
    const chain = Buffer.alloc(pieces * 2 * 4);
    for (let cluster = 3; cluster < pieces * 2 - 2; cluster += 2)
      chain.writeUInt32LE(cluster + 2, (cluster - 3) * 4);
    await disk.write(geometry.fatOffset + 3 * 4, chain);
    const rootOffset = geometry.dataOffset;
    const root = await disk.read(rootOffset, 512);
    root.writeUInt32LE(pieces * 512, root.indexOf('FILE       ') + 28);
    await disk.write(rootOffset, root);
    await expect((await openFat(disk)).remove('/FILE')).rejects.toMatchObject({
      code: 'IMAGE_FILESYSTEM_CORRUPT',
      message: expect.stringContaining('pieces') as string,
    });
  });

  it('does not follow a directory that contains itself without end', async () => {
    const disk = makeFat('FAT16 of 8 MiB');
    const fs = await openFat(disk, { now: () => NOW });
    await fs.mkdir('/UP');
    await fs.mkdir('/UP/DOWN');
    await fs.flush();
    const { dataOffset } = parseFatGeometry(disk.bytes.subarray(0, 512), disk.sizeBytes);
    const down = disk.bytes.indexOf('DOWN       ', dataOffset, 'latin1');
    disk.bytes.writeUInt16LE(2, down + 26); // where /UP is
    const files = new LinkedImageFiles(await openFat(disk, { now: () => NOW }));
    const damaged = { code: 'IMAGE_FILESYSTEM_CORRUPT' };
    await expect(files.exists('/UP/DOWN/DOWN')).rejects.toMatchObject(damaged);
    await expect(files.list('/UP/DOWN')).rejects.toMatchObject(damaged);
    await expect(files.remove('/UP')).rejects.toMatchObject(damaged);
  });

  it('never does worse than an error on random damage', async () => {
    const disk = makeFat('FAT16 of 8 MiB');
    const made = await openFat(disk, { now: () => NOW });
    await made.mkdir('/dir');
    for (const name of ['one', 'two', 'three'])
      await made.writeFile(`/dir/${name}`, Buffer.alloc(9000, name));
    await made.flush();
    const pristine = disk.bytes;
    const interesting = 60 * 512; // boot sector, tables, root directory
    const damage = fc.record({ at: fc.nat(interesting), byte: fc.nat(255) });
    await fc.assert(
      fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 30 }), async (damages) => {
        const bytes = Buffer.from(pristine);
        for (const { at, byte } of damages) bytes[at] = byte;
        try {
          const fs = await openFat(new MemoryDisk(bytes), { now: () => NOW });
          await snapshot(fs);
          await fs.writeFile('/dir/two', Buffer.from('changed'));
          await fs.remove('/dir/one');
          await fs.selfCheck();
        } catch (error) {
          expect((error as { code?: string }).code).toMatch(/^IMAGE_/);
        }
      }),
      { numRuns: 60 },
    );
  });
});

type Operation =
  | {
      readonly kind: 'write' | 'append' | 'stream';
      readonly path: string;
      readonly size: number;
      readonly fill: string;
    }
  | { readonly kind: 'mkdir' | 'remove'; readonly path: string }
  | { readonly kind: 'rename'; readonly path: string; readonly to: string };

const names = ['a', 'B.TXT', 'long name with spaces.yaml', 'ÄÖÜ', 'x'.repeat(60)];
const path = fc
  .array(fc.constantFrom(...names), { minLength: 1, maxLength: 3 })
  .map((parts) => `/${parts.join('/')}`);
const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('write' as const, 'append' as const, 'stream' as const),
    path,
    size: fc.oneof(fc.nat(3000), fc.nat(40_000)),
    fill: fc.constantFrom('p', 'q'),
  }),
  fc.record({ kind: fc.constantFrom('mkdir' as const, 'remove' as const), path }),
  fc.record({ kind: fc.constant('rename' as const), path, to: path }),
);

async function applyToFat(fs: FatFileSystem, step: Operation): Promise<string> {
  switch (step.kind) {
    case 'write':
      await fs.writeFile(step.path, Buffer.alloc(step.size, step.fill));
      break;
    case 'stream':
      await fs.writeFile(step.path, {
        stream: Readable.from(step.size === 0 ? [] : [Buffer.alloc(step.size, step.fill)]),
        size: step.size,
      });
      break;
    case 'append':
      await fs.appendFile(step.path, Buffer.alloc(step.size, step.fill));
      break;
    case 'mkdir':
      await fs.mkdir(step.path);
      break;
    case 'remove':
      await fs.remove(step.path);
      break;
    case 'rename':
      await fs.rename(step.path, step.to);
  }
  return 'done';
}

/** What the operation should do, with the code it should fail with. */
function applyToModel(model: Map<string, string>, step: Operation): string {
  const parentProblem = (of: string): string | undefined => {
    const parts = of.split('/').slice(1, -1);
    for (let i = 1; i <= parts.length; i++) {
      const kind = model.get(`/${parts.slice(0, i).join('/')}`);
      if (kind === undefined) return 'IMAGE_PATH_NOT_FOUND';
      if (kind !== '<dir>') return 'IMAGE_NOT_A_DIRECTORY';
    }
    return undefined;
  };
  const below = (of: string) => [...model.keys()].filter((key) => key.startsWith(`${of}/`));
  const now = model.get(step.path);
  const problem = parentProblem(step.path);
  if (problem !== undefined) return problem;
  switch (step.kind) {
    case 'write':
    case 'stream':
      if (now === '<dir>') return 'IMAGE_IS_A_DIRECTORY';
      model.set(step.path, step.fill.repeat(step.size));
      return 'done';
    case 'append':
      if (now === undefined) return 'IMAGE_PATH_NOT_FOUND';
      if (now === '<dir>') return 'IMAGE_IS_A_DIRECTORY';
      model.set(step.path, now + step.fill.repeat(step.size));
      return 'done';
    case 'mkdir':
      if (now !== undefined) return 'IMAGE_PATH_EXISTS';
      model.set(step.path, '<dir>');
      return 'done';
    case 'remove':
      if (now === undefined) return 'IMAGE_PATH_NOT_FOUND';
      if (below(step.path).length > 0) return 'IMAGE_DIRECTORY_NOT_EMPTY';
      model.delete(step.path);
      return 'done';
    case 'rename': {
      if (now === undefined) return 'IMAGE_PATH_NOT_FOUND';
      const targetProblem = parentProblem(step.to); // as the kernel: first whether there is such a place
      if (targetProblem !== undefined) return targetProblem;
      if (now === '<dir>' && step.to.startsWith(`${step.path}/`)) return 'IMAGE_PATH_INVALID';
      if (step.to === step.path) return 'done';
      const target = model.get(step.to);
      if (target !== undefined) {
        if (now === '<dir>' && target !== '<dir>') return 'IMAGE_NOT_A_DIRECTORY';
        if (now !== '<dir>' && target === '<dir>') return 'IMAGE_IS_A_DIRECTORY';
        if (below(step.to).length > 0) return 'IMAGE_DIRECTORY_NOT_EMPTY';
      }
      for (const key of [step.path, ...below(step.path)]) {
        model.set(step.to + key.slice(step.path.length), model.get(key)!);
        model.delete(key);
      }
      return 'done';
    }
  }
}
