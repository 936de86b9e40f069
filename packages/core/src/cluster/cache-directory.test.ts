import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { prepareCacheDirectory } from './cache-directory.js';
import { temporaryDirectory } from './sample-cluster.fixture.js';

const NOT_OURS = { code: 'CACHE_DIR_NOT_OURS' };
const ME = process.getuid?.() ?? 0;

describe.skipIf(process.platform === 'win32')('the cache directory', () => {
  it('is made for its user alone, and taken as it is when it is there', async () => {
    const directory = path.join(await temporaryDirectory(), 'a/b');
    await prepareCacheDirectory(directory);
    await writeFile(path.join(directory, 'tpi_state.json'), '{}');
    await symlink('nowhere', path.join(directory, 'dangling.json'));
    await expect(prepareCacheDirectory(directory)).resolves.toBeUndefined();
  });

  it.runIf(process.platform === 'linux')(
    'that cannot be made is refused, also where the system says odd things',
    async () => {
      // On /proc every new name is refused as if its parent were missing.
      for (const directory of ['/proc/turingpi', '/proc/a/b', '/dev/null/x'])
        await expect(prepareCacheDirectory(directory)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    },
  );

  it('is made once, by however many at once', async () => {
    const directory = path.join(await temporaryDirectory(), 'a/b/c');
    await Promise.all(Array.from({ length: 20 }, () => prepareCacheDirectory(directory)));
    await expect(prepareCacheDirectory(directory)).resolves.toBeUndefined();
  });

  it('is refused when it belongs to another user', async () => {
    await expect(prepareCacheDirectory(await temporaryDirectory(), ME + 1)).rejects.toMatchObject(NOT_OURS);
  });

  it.each([0o770, 0o707, 0o777])('is refused when others may write to it (%o)', async (mode) => {
    const directory = await temporaryDirectory();
    await chmod(directory, mode);
    await expect(prepareCacheDirectory(directory)).rejects.toMatchObject(NOT_OURS);
  });

  it.each(['tpi_state.json', 'credentials.key', 'node-secrets.json', 'bmc-tokens'])(
    'is refused when others may write to %s in it',
    async (name) => {
      const directory = await temporaryDirectory();
      const file = path.join(directory, name);
      await (name === 'bmc-tokens' ? mkdir(file) : writeFile(file, ''));
      await chmod(file, 0o777);
      const message = expect.stringContaining(name) as string;
      await expect(prepareCacheDirectory(directory)).rejects.toMatchObject({ ...NOT_OURS, message });
      await chmod(file, 0o755);
      await expect(prepareCacheDirectory(directory)).resolves.toBeUndefined();
    },
  );

  it.skipIf(ME !== 0)('is refused with a file of another user in it, also behind a link', async () => {
    const { chown, lchown } = await import('node:fs/promises');
    const directory = await temporaryDirectory();
    const [elsewhere, key] = [path.join(directory, 'elsewhere'), path.join(directory, 'credentials.key')];
    await writeFile(elsewhere, '');
    await symlink('elsewhere', key);
    await expect(prepareCacheDirectory(directory)).resolves.toBeUndefined();
    await chown(elsewhere, 12_345, 12_345);
    await expect(prepareCacheDirectory(directory)).rejects.toMatchObject(NOT_OURS);
    await chown(elsewhere, 0, 0);
    await lchown(key, 12_345, 12_345);
    await expect(prepareCacheDirectory(directory)).rejects.toMatchObject(NOT_OURS);
  });
});
