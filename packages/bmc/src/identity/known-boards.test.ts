import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { boardIdOf } from './board-id.js';
import { KnownBoards } from './known-boards.js';

const key = (letter: string) => `sha256:${letter.repeat(64)}`;
let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'known-boards-'));
});
afterEach(() => rm(dir, { recursive: true }));

test('a board keeps its first name through new keys and firmware that tells more', async () => {
  const boards = new KnownBoards(path.join(dir, 'locks', 'known-boards.json'));
  const mac = '02:00:4a:ea:dd:34';
  const name = await boards.note(boardIdOf({ mac }, key('a')));
  expect(await boards.note(boardIdOf({ mac, serial: 'S1234' }, key('b')))).toBe(name);
  expect(await boards.note(boardIdOf({ serial: 'S1234' }, key('c')))).toBe(name);
  const again = new KnownBoards(boards.file);
  expect(await Promise.all(['a', 'b', 'c', 'd'].map((letter) => again.nameOf(key(letter))))).toEqual([
    name,
    name,
    name,
    undefined,
  ]);
});

test('two boards with one key are two boards, and the key names neither', async () => {
  const boards = new KnownBoards(path.join(dir, 'known-boards.json'));
  const names = [
    await boards.note(boardIdOf({ serial: 'S1234' }, key('a'))),
    await boards.note(boardIdOf({ serial: 'S1235' }, key('a'))),
  ];
  expect(new Set(names).size).toBe(2);
  expect(await boards.nameOf(key('a'))).toBeUndefined();
});

test('a file that cannot be understood is learnt anew', async () => {
  const boards = new KnownBoards(path.join(dir, 'known-boards.json'));
  await writeFile(boards.file, '{');
  expect(await boards.nameOf(key('a'))).toBeUndefined();
  expect(await boards.note(boardIdOf({}, key('a')))).toBe(`key:${key('a')}`);
});
