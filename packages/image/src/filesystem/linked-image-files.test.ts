import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { RecordedFileSystem } from '../modifier/recorded-file-system.js';
import { LinkedImageFiles } from './linked-image-files.js';
import { resolveExistingPart } from './link-resolver.js';

/** A filesystem in memory with the links that real systems and hostile images have. */
async function makeFiles(): Promise<LinkedImageFiles> {
  const files = new LinkedImageFiles(new RecordedFileSystem(undefined));
  for (const path of ['/usr/bin', '/etc/systemd', '/run', '/home/user']) await files.mkdir(path);
  await files.writeFile('/etc/hostname', 'node\n');
  for (const [path, target] of [
    ['/bin', 'usr/bin'],
    ['/etc/absolute', '/etc/hostname'],
    ['/etc/relative', '../etc/./hostname'],
    ['/etc/escape', '../../../../../../etc/hostname'],
    ['/etc/resolv.conf', '../run/systemd/resolve/stub-resolv.conf'],
    ['/etc/dangling', '/etc/not-yet'],
    ['/loop-a', 'loop-b'],
    ['/loop-b', '/loop-a'],
    ['/etc/through-file', 'hostname/x'],
    ['/usr/up', '../..'],
  ] as const)
    await files.symlink(target, path);
  return files;
}

describe('LinkedImageFiles', () => {
  let files: LinkedImageFiles;
  beforeEach(async () => {
    files = await makeFiles();
  });

  it.each([
    ['/bin/sh', '/usr/bin/sh'],
    ['/etc/absolute', '/etc/hostname'],
    ['/etc/relative', '/etc/hostname'],
    ['/etc/escape', '/etc/hostname'],
    ['/../../etc/hostname', '/etc/hostname'],
    ['/usr/up/etc//./hostname/', '/etc/hostname'],
    ['/etc/dangling', '/etc/not-yet'],
    ['/', '/'],
  ])('leads %s to %s', async (path, real) => {
    expect(await files.realPath(path)).toBe(real);
  });

  it('writes through links, and makes parents, as the node would', async () => {
    await files.writeFile('/bin/tool', '#!/bin/sh\n', { mode: 0o755 });
    expect((await files.fileSystem.lstat('/usr/bin/tool'))?.mode).toBe(0o755);
    await files.writeFile('/etc/dangling', 'now it exists');
    expect(await files.readText('/etc/not-yet')).toBe('now it exists');
    await files.writeFile('/var/lib/new/file', 'x');
    expect(await files.stat('/var/lib/new')).toMatchObject({ type: 'directory', mode: 0o755, uid: 0 });
    await files.appendFile('/etc/absolute', 'more\n');
    expect(await files.readText('/etc/hostname')).toBe('node\nmore\n');
    expect(await files.readText('/etc/nothing')).toBeUndefined();
  });

  describe('whose the directories on the way are', () => {
    const owner = { uid: 1000, gid: 1001 };
    const ownerOf = async (path: string) => {
      const { uid, gid, mode } = await files.stat(path);
      return [uid, gid, mode];
    };
    beforeEach(() => files.setAttributes('/home/user', owner));

    it("the file's owner's in a directory of that owner", async () => {
      await files.writeFile('/home/user/.config/app/settings', 'x', owner);
      for (const path of ['/home/user/.config', '/home/user/.config/app'])
        expect(await ownerOf(path)).toEqual([1000, 1001, 0o755]);
      await files.mkdir('/home/user/.cache/a/b', { ...owner, mode: 0o700 });
      expect(await ownerOf('/home/user/.cache/a')).toEqual([1000, 1001, 0o755]);
      expect(await ownerOf('/home/user/.cache/a/b')).toEqual([1000, 1001, 0o700]);
      await files.writeFile('/home/user/no/group', 'x', { uid: 1000 });
      expect(await ownerOf('/home/user/no')).toEqual([1000, 1001, 0o755]);
    });

    it("root's everywhere else, and where root or nobody is asked for", async () => {
      await files.writeFile('/var/lib/app/data', 'x', owner);
      await files.writeFile('/home/user/root/file', 'x', { uid: 0, gid: 0 });
      await files.writeFile('/home/user/unsaid/file', 'x');
      await files.writeFile('/home/other/file', 'x', owner);
      await files.writeFile('/home/user/neighbour/file', 'x', { uid: 1002, gid: 1002 });
      for (const path of [
        '/var/lib/app',
        '/home/user/root',
        '/home/user/unsaid',
        '/home/other',
        '/home/user/neighbour',
      ])
        expect(await ownerOf(path)).toEqual([0, 0, 0o755]);
      expect(await ownerOf('/home/user')).toEqual([1000, 1001, 0o755]);
    });
  });

  it('does not make directories behind a dangling link, and says what it is', async () => {
    const attempt = files.writeFile('/etc/resolv.conf', 'nameserver 1.1.1.1\n');
    await expect(attempt).rejects.toMatchObject({
      code: 'IMAGE_PATH_NOT_FOUND',
      details: { link: '/etc/resolv.conf' },
    });
    expect(await files.exists('/run/systemd')).toBe(false);
    await files.remove('/etc/resolv.conf');
    await files.writeFile('/etc/resolv.conf', 'nameserver 1.1.1.1\n');
    expect((await files.lstat('/etc/resolv.conf'))?.type).toBe('file');
  });

  it('works on links themselves where POSIX does', async () => {
    expect(await files.readLink('/bin')).toBe('usr/bin');
    await files.rename('/etc/absolute', '/etc/renamed');
    expect(await files.readLink('/etc/renamed')).toBe('/etc/hostname');
    await files.symlink('/etc/other', '/etc/renamed');
    expect(await files.readLink('/etc/renamed')).toBe('/etc/other');
    await files.remove('/bin');
    expect(await files.exists('/usr/bin')).toBe(true);
    await files.remove('/usr');
    expect(await files.exists('/usr')).toBe(false);
    expect(await files.exists('/etc/hostname')).toBe(true); // `/usr/up` led out of it
    await files.remove('/never/there');
  });

  it.each([
    ['/loop-a', 'IMAGE_SYMLINK_LOOP'],
    ['/loop-a/below', 'IMAGE_SYMLINK_LOOP'],
    ['/etc/through-file', 'IMAGE_NOT_A_DIRECTORY'],
    ['/etc/hostname/below', 'IMAGE_NOT_A_DIRECTORY'],
    ['etc/hostname', 'IMAGE_PATH_INVALID'],
    ['', 'IMAGE_PATH_INVALID'],
    ['/etc/\0', 'IMAGE_PATH_INVALID'],
    ['/nowhere/../etc', 'IMAGE_PATH_NOT_FOUND'],
    [`/${'n'.repeat(256)}`, 'IMAGE_NAME_TOO_LONG'],
    [`/${'ü'.repeat(128)}`, 'IMAGE_NAME_TOO_LONG'],
    [`/${'deep/'.repeat(1000)}`, 'IMAGE_NAME_TOO_LONG'],
  ])('refuses %j with %s', async (path, code) => {
    await expect(files.writeFile(path, 'x')).rejects.toMatchObject({ code });
    await expect(files.readFile(path)).rejects.toMatchObject({ code });
  });

  it('refuses what would destroy a directory', async () => {
    await expect(files.writeFile('/etc', 'x')).rejects.toMatchObject({ code: 'IMAGE_IS_A_DIRECTORY' });
    await expect(files.symlink('usr', '/etc')).rejects.toMatchObject({ code: 'IMAGE_IS_A_DIRECTORY' });
    await expect(files.mkdir('/etc/hostname')).rejects.toMatchObject({
      code: 'IMAGE_NOT_A_DIRECTORY',
    });
    await expect(files.remove('/')).rejects.toMatchObject({ code: 'IMAGE_PATH_INVALID' });
    await expect(files.rename('/', '/elsewhere')).rejects.toMatchObject({ code: /^IMAGE_/ });
  });

  it('always ends inside, at a path without links, whatever the links say', async () => {
    const name = fc.constantFrom('a', 'b', 'c', '..', '.');
    const target = fc.tuple(fc.boolean(), fc.array(name, { minLength: 1, maxLength: 4 }));
    const links = fc.array(fc.tuple(fc.constantFrom('/a', '/b', '/a/b', '/c/a', '/c/b'), target), {
      maxLength: 6,
    });
    const asked = fc.array(name, { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(links, asked, async (tree, parts) => {
        const made = new LinkedImageFiles(new RecordedFileSystem(undefined));
        await made.mkdir('/c');
        for (const [path, [absolute, names]] of tree)
          await made.symlink((absolute ? '/' : '') + names.join('/'), path).catch(() => undefined);
        const path = `/${parts.join('/')}`;
        try {
          const { real, missing } = await resolveExistingPart(made.fileSystem, path, 'follow');
          for (let i = 1; i <= real.length; i++) {
            const stat = await made.fileSystem.lstat(`/${real.slice(0, i).join('/')}`);
            expect(stat?.type).toMatch(/^(directory|file)$/);
          }
          expect([...real, ...missing]).not.toContain('..');
          if (missing.length <= 1)
            expect(await made.realPath(await made.realPath(path))).toBe(await made.realPath(path));
        } catch (error) {
          expect((error as { code?: string }).code).toMatch(
            /^IMAGE_(SYMLINK_LOOP|PATH_NOT_FOUND|NOT_A_DIRECTORY)$/,
          );
        }
      }),
      { numRuns: 300 },
    );
  });
});
