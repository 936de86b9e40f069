import { access, chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { normalizeDigest } from './board-identity.js';
import { TrustStore } from './trust-store.js';

const IDENTITY = {
  certificateFingerprint: `sha256:${'a'.repeat(64)}`,
  publicKeyPin: `sha256:${'b'.repeat(64)}`,
};
let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'trust-store-'));
});
afterEach(() => rm(dir, { recursive: true }));

describe('TrustStore', () => {
  test('remembers, replaces and forgets boards, in a file only its owner can read', async () => {
    const store = new TrustStore(path.join(dir, 'cache', 'trusted-boards.json'));
    expect(await store.find('a:443')).toBeUndefined();
    await store.trust('a:443', IDENTITY);
    await store.trust('b:443', { ...IDENTITY, publicKeyPin: `sha256:${'c'.repeat(64)}` });
    const again = new TrustStore(store.file);
    expect(await again.find('a:443')).toMatchObject(IDENTITY);
    await again.forget('a:443');
    expect(await store.find('a:443')).toBeUndefined();
    expect(await store.find('b:443')).toBeDefined();
    if (process.platform !== 'win32') expect((await stat(store.file)).mode & 0o777).toBe(0o600);
  });

  test('never overwrites a file it cannot understand', async () => {
    const store = new TrustStore(path.join(dir, 'trusted-boards.json'));
    await writeFile(store.file, '{"a:443": 1}');
    await expect(store.find('a:443')).rejects.toMatchObject({ code: 'BMC_TRUST_STORE_UNREADABLE' });
    await expect(store.trust('a:443', IDENTITY)).rejects.toMatchObject({
      code: 'BMC_TRUST_STORE_UNREADABLE',
    });
    expect(await readFile(store.file, 'utf8')).toBe('{"a:443": 1}');
  });

  test('takes over what was confirmed in an earlier place of the user; what was confirmed since then stays', async () => {
    const ofUser = path.join(dir, 'cache.json');
    const earlier = new TrustStore(ofUser);
    await earlier.trust('a:443', IDENTITY);
    await earlier.trust('b:443', IDENTITY);
    const file = path.join(dir, 'config', 'trusted-boards.json');
    const since = { ...IDENTITY, publicKeyPin: `sha256:${'c'.repeat(64)}` };
    await new TrustStore(file).trust('b:443', since);

    expect(await new TrustStore(file, { ofUser }).find('a:443')).toMatchObject(IDENTITY);
    await expect(access(ofUser)).rejects.toMatchObject({ code: 'ENOENT' });
    const alone = new TrustStore(file);
    expect(await alone.find('a:443')).toMatchObject(IDENTITY);
    expect(await alone.find('b:443')).toMatchObject(since);
    expect(await readdir(path.dirname(file))).toEqual(['trusted-boards.json']);
  });

  test('what lies in the folder of a project counts there and is not taken over: it may have come with it', async () => {
    const ofProject = path.join(dir, 'project.json');
    await new TrustStore(ofProject).trust('a:443', IDENTITY);
    const file = path.join(dir, 'config', 'trusted-boards.json');
    const there = new TrustStore(file, { ofProject });
    expect(await there.find('a:443')).toMatchObject(IDENTITY);
    expect(await new TrustStore(file).find('a:443')).toBeUndefined();

    const confirmed = { ...IDENTITY, publicKeyPin: `sha256:${'c'.repeat(64)}` };
    await there.trust('a:443', confirmed);
    expect(await there.find('a:443')).toMatchObject(confirmed);
    await there.forget('a:443');
    expect(await there.find('a:443')).toBeUndefined();
  });

  test('several that confirm boards at once all remember theirs', async () => {
    const file = path.join(dir, 'trusted-boards.json');
    const keys = Array.from({ length: 8 }, (_, index) => `board-${index}:443`);
    await Promise.all(keys.map((key) => new TrustStore(file).trust(key, IDENTITY)));
    const found = await Promise.all(keys.map((key) => new TrustStore(file).find(key)));
    expect(found.every((board) => board?.publicKeyPin === IDENTITY.publicKeyPin)).toBe(true);
  });

  test.skipIf(process.platform === 'win32')('believes no file that others can write to', async () => {
    const store = new TrustStore(path.join(dir, 'trusted-boards.json'));
    await store.trust('a:443', IDENTITY);
    await chmod(store.file, 0o666);
    await expect(store.find('a:443')).rejects.toMatchObject({
      code: 'BMC_TRUST_STORE_UNREADABLE',
      message: expect.stringContaining(`chmod go-w ${store.file}`) as string,
    });
  });

  test('where nothing can be written a confirmation fails with a code, and what a board tells is left out', async () => {
    const ofUser = path.join(dir, 'cache.json');
    await new TrustStore(ofUser).trust('a:443', IDENTITY);
    await writeFile(path.join(dir, 'config'), ''); // a file where the folder would be
    await mkdir(path.join(dir, 'blocked', 'trusted-boards.json.lock', 'x'), { recursive: true });
    const store = new TrustStore(path.join(dir, 'config', 'trusted-boards.json'));
    await expect(store.trust('a:443', IDENTITY)).rejects.toMatchObject({
      code: expect.stringMatching(/^BMC_TRUST_STORE_/) as string,
    });
  });
});

test.each([
  `sha256:${'ab'.repeat(32)}`,
  `SHA256:${'AB'.repeat(32)}`,
  Array.from({ length: 32 }, () => 'AB').join(':'),
  ` ${'ab'.repeat(32)} `,
  `sha256 Fingerprint=${Array.from({ length: 32 }, () => 'AB').join(':')}`,
])('a digest means the same however it is written: %s', (text) => {
  expect(normalizeDigest(text)).toBe(`sha256:${'ab'.repeat(32)}`);
});
