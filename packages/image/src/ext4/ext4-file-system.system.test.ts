import { Readable } from 'node:stream';
import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryDisk } from '../disk/memory-disk.js';
import type { FileSystem } from '../filesystem/file-system.js';
import { LinkedImageFiles } from '../filesystem/linked-image-files.js';
import { debugfs, fsck, makeExt4Disk, missingPrograms } from './ext4-image.fixture.js';
import { openExt4 } from './open-ext4.js';

const CLOCK = new Date('2024-05-06T07:08:09.123Z');
const now = (): Date => CLOCK;

it.runIf(process.env['CI'] === 'true')('finds mke2fs, e2fsck and debugfs in CI', () => {
  expect(missingPrograms).toEqual([]);
});

describe.skipIf(missingPrograms.length > 0)('ext4 filesystem', () => {
  let disk: MemoryDisk;
  let fs: FileSystem;

  beforeEach(async () => {
    disk = makeExt4Disk(16, ['-b', '1024', '-N', '4096']);
    fs = await openExt4(disk, { now });
  });

  async function expectWhole(): Promise<void> {
    await fs.flush();
    await fs.selfCheck();
    expect(fsck(disk)).toBe('');
  }

  it('keeps inode, owner, mode and attributes when a file is overwritten', async () => {
    await fs.writeFile('/a', Buffer.from('first'), { uid: 100_000, gid: 4_000_000_000, mode: 0o4750 });
    const before = await fs.lstat('/a');
    await fs.writeFile('/a', Buffer.alloc(5000, 'x'));
    expect(await fs.lstat('/a')).toEqual({ ...before, size: 5000 });
    expect(await fs.readFile('/a')).toEqual(Buffer.alloc(5000, 'x'));
    await expectWhole();
  });

  it('keeps the bytes of names and link targets that are no UTF-8', async () => {
    const latin1 = 'caf\udce9'; // as lone surrogates, by which the bytes come back
    await fs.mkdir(`/${latin1}`);
    await fs.writeFile(`/${latin1}/${latin1}`, Buffer.from('x'));
    await fs.symlink(latin1, '/link');
    await fs.flush();
    expect(disk.bytes.includes(Buffer.from('caf\xe9', 'latin1'))).toBe(true);
    expect(disk.bytes.includes(Buffer.from('caf\ufffd'))).toBe(false);
    fs = await openExt4(disk, { now });
    const files = new LinkedImageFiles(fs);
    expect((await files.list('/')).map(({ name }) => name)).toContain(latin1);
    expect(await files.readText(`/link/${latin1}`)).toBe('x');
    await files.remove(`/${latin1}`);
    expect((await files.list('/')).map(({ name }) => name)).not.toContain(latin1);
    await expectWhole();
  });

  it('puts the same bytes on the disk for the same edits', async () => {
    const base = makeExt4Disk(16, ['-b', '4096']);
    const edit = async (): Promise<Buffer> => {
      const copy = new MemoryDisk(Buffer.from(base.bytes));
      const edited = await openExt4(copy, { now });
      await edited.mkdir('/d');
      for (let index = 0; index < 50; index++)
        await edited.writeFile(`/d/${index}`, Buffer.alloc(index * 100, index));
      await edited.rename('/d/7', '/seven');
      await edited.flush();
      return copy.bytes;
    };
    const [one, two] = [await edit(), await edit()];
    expect(one.equals(two)).toBe(true);
    expect(one.equals(base.bytes)).toBe(false);
  });

  it('keeps new content together, wherever its directories and its old content are', async () => {
    disk = makeExt4Disk(64, ['-b', '4096', '-g', '2048', '-N', '256']);
    fs = await openExt4(disk, { now });
    for (let index = 0; index < 200; index++) {
      if (index % 20 === 0) await fs.mkdir(`/${index}`);
      await fs.writeFile(`/${index - (index % 20)}/${index}`, Buffer.alloc(200_000, index));
    }
    await expectWhole();
    const places: number[] = [];
    const recording = new MemoryDisk(disk.bytes);
    const write = recording.write.bind(recording);
    recording.write = (offset, data) => {
      places.push(offset);
      return write(offset, data);
    };
    fs = await openExt4(recording, { now });
    for (let index = 0; index < 200; index += 20) {
      await fs.writeFile(`/${index}/new`, Buffer.alloc(3000, 1));
      await fs.writeFile(`/${index}/${index + 1}`, Buffer.alloc(3000, 2));
    }
    expect(places).toHaveLength(20);
    expect(Math.max(...places) - Math.min(...places)).toBeLessThan(20 * 4096);
    await expectWhole();
  });

  it('writes nothing before flush, and everything then', async () => {
    const before = Buffer.from(disk.bytes);
    await fs.mkdir('/d');
    expect(disk.bytes.equals(before)).toBe(true);
    await fs.flush();
    expect((await (await openExt4(disk)).lstat('/d'))?.type).toBe('directory');
  });

  it('streams a file whose source is the same filesystem', async () => {
    const content = Buffer.alloc(3_000_000, 'stream ');
    await fs.writeFile('/from', content);
    await fs.writeFile('/to', { stream: fs.readStream('/from'), size: content.length });
    await fs.appendFile('/to', { stream: fs.readStream('/from'), size: content.length });
    expect((await fs.readFile('/to')).equals(Buffer.concat([content, content]))).toBe(true);
    await expectWhole();
  });

  it.each([
    ['too short', 2_000_001],
    ['too long', 1_999_999],
  ])('leaves nothing behind of a stream that is %s', async (_, size) => {
    const before = await fs.usage();
    const stream = Readable.from([Buffer.alloc(1_000_000), Buffer.alloc(1_000_000)]);
    await expect(fs.writeFile('/a', { stream, size })).rejects.toMatchObject({
      code: 'IMAGE_SOURCE_UNREADABLE',
    });
    expect(await fs.lstat('/a')).toBeUndefined();
    expect(await fs.usage()).toEqual(before);
    await expectWhole();
  });

  it('passes on the error of a stream and keeps the old content', async () => {
    await fs.writeFile('/a', Buffer.alloc(2_000_000, 'old'));
    const stream = Readable.from(
      (function* () {
        yield Buffer.alloc(1_500_000);
        throw new Error('source failed');
      })(),
    );
    await expect(fs.writeFile('/a', { stream, size: 2_000_000 })).rejects.toThrow('source failed');
    expect((await fs.readFile('/a')).equals(Buffer.alloc(2_000_000, 'old'))).toBe(true);
    await expectWhole();
  });

  it('says when there is no room, and stays as it was', async () => {
    await fs.writeFile('/old', Buffer.from('old'));
    const before = await fs.usage();
    const size = before.freeBytes + 2000;
    await expect(fs.writeFile('/big', Buffer.alloc(size))).rejects.toMatchObject({ code: 'IMAGE_NO_SPACE' });
    const stream = Readable.from([Buffer.alloc(size)]);
    await expect(fs.writeFile('/big', { stream, size })).rejects.toMatchObject({ code: 'IMAGE_NO_SPACE' });
    await expect(fs.appendFile('/old', Buffer.alloc(size))).rejects.toMatchObject({ code: 'IMAGE_NO_SPACE' });
    expect(await fs.usage()).toEqual(before);
    expect(await fs.readFile('/old')).toEqual(Buffer.from('old'));
    await expectWhole();
  });

  it('replaces a file that fills the disk by a stream that does', async () => {
    const { freeBytes } = await fs.usage();
    const size = freeBytes - 100_000;
    await fs.writeFile('/a', Buffer.alloc(size, 1));
    await fs.writeFile('/a', { stream: Readable.from([Buffer.alloc(size, 2)]), size });
    expect((await fs.readFile('/a')).equals(Buffer.alloc(size, 2))).toBe(true);
    await expectWhole();
  });

  it('fills the disk to the last block in small files, and empties it again', async () => {
    const before = await fs.usage();
    await fs.mkdir('/d');
    let count = 0;
    let code: unknown;
    while (code === undefined)
      await fs.writeFile(`/d/${count}`, Buffer.alloc(20_000, count)).then(
        () => count++,
        (error: unknown) => (code = (error as { code?: unknown }).code),
      );
    expect(code).toBe('IMAGE_NO_SPACE');
    await expectWhole();
    for (let index = 0; index < count; index++) await fs.remove(`/d/${index}`);
    await fs.remove('/d');
    expect(await fs.usage()).toEqual(before);
    await expectWhole();
  });

  it('says when there are no inodes', async () => {
    disk = makeExt4Disk(8, ['-b', '1024', '-N', '64']);
    fs = await openExt4(disk, { now });
    const { freeInodes = 0 } = await fs.usage();
    for (let index = 0; index < freeInodes; index++) await fs.writeFile(`/f${index}`, Buffer.alloc(0));
    await expect(fs.writeFile('/one-more', Buffer.alloc(5000))).rejects.toMatchObject({
      code: 'IMAGE_NO_INODES',
    });
    await expect(fs.mkdir('/one-more')).rejects.toMatchObject({ code: 'IMAGE_NO_INODES' });
    await expectWhole();
  });

  it('grows an index to two levels and finds every name', async () => {
    await fs.mkdir('/d');
    const name = (index: number): string => `/d/${`${index}-`.padEnd(180, 'n')}`;
    for (let index = 0; index < 1500; index++) await fs.writeFile(name(index), Buffer.alloc(0));
    expect(await fs.list('/d')).toHaveLength(1500);
    await expectWhole();
    expect(debugfs(disk, 'htree_dump /d')).toMatch(/Indirect levels: 1/);
    for (let index = 0; index < 1500; index += 2) await fs.remove(name(index));
    expect(await fs.list('/d')).toHaveLength(750);
    await expectWhole();
  });

  it.each([
    ['/missing/file', 'IMAGE_PATH_NOT_FOUND'],
    ['/file/inside', 'IMAGE_NOT_A_DIRECTORY'],
    ['/link/inside', 'IMAGE_NOT_A_DIRECTORY'],
    ['/dir', 'IMAGE_IS_A_DIRECTORY'],
    ['/link', 'IMAGE_OPERATION_UNSUPPORTED'],
    ['/', 'IMAGE_OPERATION_UNSUPPORTED'],
    ['relative', 'IMAGE_PATH_INVALID'],
    ['/dir/../file', 'IMAGE_PATH_INVALID'],
    ['/dir//x', 'IMAGE_PATH_INVALID'],
    [`/${'n'.repeat(256)}`, 'IMAGE_NAME_TOO_LONG'],
  ])('refuses to write to %s', async (path, code) => {
    await fs.writeFile('/file', Buffer.from('x'));
    await fs.symlink('/dir', '/link');
    await fs.mkdir('/dir');
    await expect(fs.writeFile(path, Buffer.from('y'))).rejects.toMatchObject({ code });
    await expectWhole();
  });

  it('refuses what would not be a tree', async () => {
    await fs.mkdir('/a');
    await fs.mkdir('/a/b');
    await expect(fs.rename('/a', '/a/b/c')).rejects.toMatchObject({ code: 'IMAGE_PATH_INVALID' });
    await expect(fs.link('/a', '/c')).rejects.toMatchObject({ code: 'IMAGE_IS_A_DIRECTORY' });
    await expect(fs.remove('/a')).rejects.toMatchObject({ code: 'IMAGE_DIRECTORY_NOT_EMPTY' });
    await expect(fs.mkdir('/a')).rejects.toMatchObject({ code: 'IMAGE_PATH_EXISTS' });
    await fs.mkdir('/c');
    await fs.rename('/a/b', '/c/b');
    expect((await fs.lstat('/a'))?.links).toBe(2);
    expect((await fs.lstat('/c'))?.links).toBe(3);
    await expectWhole();
  });

  it.each([1, 59, 60, 61, 255, 1023])('makes and reads symlinks of %i bytes', async (length) => {
    await fs.symlink('t'.repeat(length), '/l');
    expect(await fs.readLink('/l')).toBe('t'.repeat(length));
    expect(await fs.lstat('/l')).toMatchObject({ type: 'symlink', size: length, mode: 0o777 });
    await expectWhole();
    await fs.remove('/l');
    await expectWhole();
  });

  it('respects immutable and append-only files', async () => {
    disk = makeExt4Disk(
      8,
      ['-b', '1024'],
      [
        'mkdir /fixed',
        'set_inode_field /fixed flags 0x80010',
        'mkdir /log',
        'set_inode_field /log flags 0x80020',
      ],
    );
    fs = await openExt4(disk, { now });
    const refused = { code: 'IMAGE_OPERATION_UNSUPPORTED' };
    await expect(fs.writeFile('/fixed/a', Buffer.alloc(1))).rejects.toMatchObject(refused);
    await expect(fs.remove('/fixed')).rejects.toMatchObject(refused);
    await expect(fs.setAttributes('/fixed', { mode: 0 })).rejects.toMatchObject(refused);
    await fs.writeFile('/log/a', Buffer.alloc(1));
    await expect(fs.remove('/log/a')).rejects.toMatchObject(refused);
    await expectWhole();
  });

  it('keeps times to the millisecond and beyond 2038', async () => {
    for (const iso of ['1960-01-01T00:00:00.250Z', '2038-02-01T00:00:00.999Z', '2400-12-31T23:59:59.500Z']) {
      await fs.writeFile('/t', Buffer.alloc(1), { mtime: new Date(iso) });
      expect((await fs.lstat('/t'))?.mtime.toISOString()).toBe(iso);
    }
    await expectWhole();
  });

  it('refuses to be saved when an edit met damage, although others worked', async () => {
    disk = makeExt4Disk(8, ['-b', '1024', '-O', '^metadata_csum,^uninit_bg'], ['mkdir /d']);
    const block = Number(debugfs(disk, 'blocks /d'));
    disk.bytes.writeUInt16LE(3, block * 1024 + 4); // length of its first record
    fs = await openExt4(disk, { now });
    await fs.writeFile('/before', Buffer.from('fine'));
    await fs.selfCheck();
    const damaged = { code: 'IMAGE_FILESYSTEM_CORRUPT' };
    await expect(fs.writeFile('/d/a', Buffer.from('lost'))).rejects.toMatchObject(damaged);
    await fs.writeFile('/after', Buffer.from('fine'));
    await fs.flush();
    await expect(fs.selfCheck()).rejects.toMatchObject({
      code: 'IMAGE_SELF_CHECK_FAILED',
      cause: expect.objectContaining(damaged) as unknown,
    });
  });

  it('lets damage be that is not in the way of any edit', async () => {
    disk = makeExt4Disk(8, ['-b', '1024', '-O', '^metadata_csum,^uninit_bg'], ['mkdir /d']);
    disk.bytes.writeUInt16LE(3, Number(debugfs(disk, 'blocks /d')) * 1024 + 4);
    fs = await openExt4(disk, { now });
    await expect(fs.list('/d')).rejects.toMatchObject({ code: 'IMAGE_FILESYSTEM_CORRUPT' });
    await fs.selfCheck(); // only looked at
    fs = await openExt4(disk, { now });
    await fs.writeFile('/a', Buffer.from('fine'));
    await fs.selfCheck();
  });

  it('does not go into a directory that is in two places, or in itself', async () => {
    const commands = ['mkdir /a', 'mkdir /a/b', 'mkdir /c', 'link /a /a/b/again', 'link /a/b /c/b'];
    disk = makeExt4Disk(8, ['-b', '1024'], commands);
    fs = await openExt4(disk, { now });
    const damaged = { code: 'IMAGE_FILESYSTEM_CORRUPT' };
    await expect(fs.list('/a/b/again')).rejects.toMatchObject(damaged);
    await expect(fs.lstat('/a/b/again/b')).rejects.toMatchObject(damaged);
    await expect(fs.writeFile('/c/b/file', Buffer.alloc(1))).rejects.toMatchObject(damaged);
    await expect(new LinkedImageFiles(fs).remove('/a')).rejects.toMatchObject(damaged);
    expect((await fs.list('/a/b')).map(({ name }) => name)).toEqual(['again']);
  });

  it.each(['/', '\0'])('refuses a name with %j in it', async (byte) => {
    disk = makeExt4Disk(8, ['-b', '1024', '-O', '^metadata_csum,^uninit_bg']);
    fs = await openExt4(disk, { now });
    await fs.mkdir('/d');
    await fs.writeFile('/d/name-of-file', Buffer.alloc(1));
    await fs.flush();
    disk.bytes.write(byte, disk.bytes.indexOf('name-of-file') + 4);
    fs = await openExt4(disk);
    await expect(fs.list('/d')).rejects.toMatchObject({ code: 'IMAGE_FILESYSTEM_CORRUPT' });
  });

  it('notices damage in what it touched', async () => {
    disk = makeExt4Disk(8, ['-b', '1024', '-O', '^metadata_csum,^uninit_bg']);
    fs = await openExt4(disk, { now });
    await fs.writeFile('/a', Buffer.alloc(10_000, 'a'));
    await fs.selfCheck();
    const block = Number(/block bitmap at (\d+)/.exec(debugfs(disk, 'stats'))?.[1]);
    disk.bytes.fill(0, block * 1024, block * 1024 + 1024);
    await expect(fs.selfCheck()).rejects.toMatchObject({ code: 'IMAGE_SELF_CHECK_FAILED' });
  });
});
