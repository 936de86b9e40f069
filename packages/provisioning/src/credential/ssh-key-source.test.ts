import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { generateKeyPair } from '@turingpi/runtime';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { examineUserSecrets } from '../workflow/examine-user-secrets.js';
import { fetchGithubKeys, GITHUB_KEYS_FILE, GITHUB_USER, type GithubKeys } from './github-keys.js';
import { readSshKeys } from './ssh-key-source.js';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGnuDoMIpeMgqDLjwOYGkuExmxpFm0VB2ZFPIMRG9bB/';
const OTHER = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICF2QYJ9qFLnkqFpuTVqyeRJHJKy1CjcLX9YZWqXvVQZ';

/** Names, and what looks like some. */
const NAMES = fc.stringMatching(/^[A-Za-z0-9./?#%:@-]{1,12}$/).filter((text) => GITHUB_USER.test(text));

let baseDir: string;
let server: Server;
/** What the server answers, by path. */
let pages: Record<string, { readonly status?: number; readonly body?: string; readonly location?: string }>;
const asked: string[] = [];

beforeEach(async () => {
  baseDir = await mkdtemp(path.join(tmpdir(), 'ssh-keys-'));
  pages = { '/octo-cat.keys': { body: `${KEY}\n` } };
  asked.length = 0;
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    const { status = 200, body = '', location } = pages[request.url ?? ''] ?? { status: 404 };
    response.writeHead(status, location === undefined ? {} : { location }).end(body);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
});
afterEach(async () => {
  await new Promise((closed) => server.close(closed));
  await rm(baseDir, { recursive: true, force: true });
});

/** Fetches from the server of this test; what it told. */
async function fetchKeys(...users: string[]): Promise<readonly (readonly [string, GithubKeys])[]> {
  const told: [string, GithubKeys][] = [];
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { signal } = new AbortController();
  await fetchGithubKeys(users, {
    baseDir,
    signal,
    address,
    onFetched: (user, keys) => told.push([user, keys]),
  });
  return told;
}

describe('keys of an account on GitHub', () => {
  it('are fetched once, told, and stay what they were when the account changes', async () => {
    expect(await readSshKeys([{ github: 'octo-cat' }], baseDir)).toMatchObject({
      keys: [],
      issues: [{ path: [0], code: 'SSH_KEYS_NOT_FETCHED' }],
    });
    const told = await fetchKeys('octo-cat', 'Octo-Cat');
    expect(told).toMatchObject([['octo-cat', { keys: [KEY] }]]);
    pages['/octo-cat.keys'] = { body: `${OTHER}\n` };
    expect(await fetchKeys('octo-cat')).toEqual([]);
    expect(asked).toEqual(['/octo-cat.keys']);
    expect(await readSshKeys([{ github: 'octo-cat' }], baseDir)).toMatchObject({ keys: [KEY], issues: [] });
  });

  it.each([
    ['there is no such account', { status: 404 }],
    ['it has no key', { body: '\n' }],
    ['a page comes instead', { body: '<html>sign in</html>' }],
    ['the server sends elsewhere', { status: 302, location: '/octo-cat.keys?' }],
  ])('are not recorded where %s, nor are those of others with them', async (_why, page) => {
    pages['/other.keys'] = page;
    await expect(fetchKeys('octo-cat', 'other')).rejects.toMatchObject({ code: 'SSH_KEYS_UNAVAILABLE' });
    await expect(readFile(path.join(baseDir, GITHUB_KEYS_FILE))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('come from no record that cannot be understood', async () => {
    await writeFile(path.join(baseDir, GITHUB_KEYS_FILE), '{"octo-cat": ["ssh-ed25519 AAAA"]}');
    const { keys, issues } = await readSshKeys([{ github: 'octo-cat' }], baseDir);
    expect({ keys, issues }).toMatchObject({ keys: [], issues: [{ code: 'SSH_KEYS_UNAVAILABLE' }] });
    await expect(fetchKeys('octo-cat')).rejects.toMatchObject({ code: 'SSH_KEYS_UNAVAILABLE' });
  });

  it('are asked for at no other place, whatever an account is called', () => {
    fc.assert(
      fc.property(NAMES, (user) => {
        expect(new URL(`https://github.com/${user}.keys`).pathname).toBe(`/${user}.keys`);
      }),
    );
    for (const name of ['', '..', 'a/b', 'a?b', '-a', 'a--b', 'a%2fb', 'a.keys'])
      expect(GITHUB_USER.test(name)).toBe(false);
  });
});

describe('keys in a file', () => {
  it('are its lines, beside those that are written out', async () => {
    await writeFile(path.join(baseDir, 'team.pub'), `# the team\n${KEY} me\r\n\n${OTHER}\n`);
    const read = await readSshKeys([OTHER, { file: 'team.pub' }], baseDir);
    expect(read).toEqual({ keys: [OTHER, `${KEY} me`, OTHER], places: [0, 1, 1], issues: [] });
  });

  it('are none where it is missing, empty, a private key or something else: it says which file, and nothing of it', async () => {
    const { privateKey } = await generateKeyPair();
    await writeFile(path.join(baseDir, 'private'), privateKey.reveal());
    await writeFile(path.join(baseDir, 'empty'), '# none\n');
    await writeFile(path.join(baseDir, 'other'), 'hunter22');
    const sources = ['private', 'empty', 'other', 'missing', '.'].map((file) => ({ file }));
    const { keys, issues } = await readSshKeys(sources, baseDir);
    expect(keys).toEqual([]);
    expect(issues.map(({ path: at, code }) => [at, code])).toEqual([
      [[0], 'SSH_PRIVATE_KEY_GIVEN'],
      [[1], undefined],
      [[2], 'SSH_PUBLIC_KEY_INVALID'],
      [[3], undefined],
      [[4], undefined],
    ]);
    for (const [index, { message }] of issues.entries())
      expect(message).toContain(path.join(baseDir, sources[index]!.file));
    expect(JSON.stringify(issues)).not.toContain('BEGIN');
  });
});

it('is told where in the section a key is that cannot be read', async () => {
  const part = { user: { sshKeys: [KEY, { file: 'missing' }] } };
  expect(await examineUserSecrets(part, { baseDir, environment: {} })).toMatchObject({
    credentials: { sshKeys: [KEY] },
    issues: [{ path: ['user', 'sshKeys', 1] }],
  });
});
