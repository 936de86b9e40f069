import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
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
});

test.each([
  `sha256:${'ab'.repeat(32)}`,
  `SHA256:${'AB'.repeat(32)}`,
  Array.from({ length: 32 }, () => 'AB').join(':'),
  ` ${'ab'.repeat(32)} `,
])('a digest means the same however it is written: %s', (text) => {
  expect(normalizeDigest(text)).toBe(`sha256:${'ab'.repeat(32)}`);
});
