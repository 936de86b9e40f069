import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Secret } from '@turingpi/foundation';
import { TokenCache } from './token-cache.js';

const login = (username: string, password?: string) => ({
  username,
  password: password === undefined ? undefined : new Secret(password),
});
const ROOT = login('root', 'turing');

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'token-cache-'));
});
afterEach(async () => {
  vi.useRealTimers();
  await rm(dir, { recursive: true });
});

describe('TokenCache', () => {
  test('keeps a token for the same board and user, in a file only its owner can read', async () => {
    await new TokenCache(dir, 'board:443').save(ROOT, 'abc');
    expect(await new TokenCache(dir, 'board:443').load(ROOT)).toBe('abc');
    expect(await new TokenCache(dir, 'board:443').load(login('admin', 'turing'))).toBeUndefined();
    expect(await new TokenCache(dir, 'board:8443').load(ROOT)).toBeUndefined();
    const [file] = await readdir(dir);
    const { mode } = await stat(path.join(dir, file!));
    if (process.platform !== 'win32') expect(mode & 0o777).toBe(0o600);
  });

  test('offers no token that was made with another password, and tells nobody what the password was', async () => {
    const cache = new TokenCache(dir, 'board:443');
    await cache.save(ROOT, 'abc');
    expect(await cache.load(login('root', 'other'))).toBeUndefined();
    expect(await cache.load(login('root'))).toBe('abc');
    expect(await cache.load(ROOT)).toBe('abc');
    const [file] = await readdir(dir);
    expect(await readFile(path.join(dir, file!), 'utf8')).not.toContain('turing');
  });

  test('does not offer a token that the BMC has forgotten, since trying it counts towards a ban', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const cache = new TokenCache(dir, 'board:443');
    await cache.save(ROOT, 'abc');
    vi.setSystemTime(Date.now() + 3 * 3_600_000);
    expect(await cache.load(ROOT)).toBeUndefined();
  });

  test.each([
    '',
    '{',
    '{"token":"a b"}',
    '{"username":"root","token":"x\\r\\ny","at":"2026-01-01T00:00:00Z"}',
  ])('takes a damaged file for none: %j', async (content) => {
    const cache = new TokenCache(dir, 'board:443');
    await cache.save(ROOT, 'abc');
    const [file] = await readdir(dir);
    await writeFile(path.join(dir, file!), content);
    expect(await cache.load(ROOT)).toBeUndefined();
  });

  test('a directory that cannot be made is no failure', async () => {
    await writeFile(path.join(dir, 'file'), '');
    const cache = new TokenCache(path.join(dir, 'file'), 'board:443');
    await cache.save(ROOT, 'abc');
    expect(await cache.load(ROOT)).toBeUndefined();
    await cache.clear();
  });
});
