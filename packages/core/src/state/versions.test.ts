import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { rejection } from '../cluster/sample-cluster.fixture.js';
import { FileStateStore } from './file-state-store.js';
import { STATE_VERSION } from './state-document.js';

/** A file in each layout that was ever written; a new one is added with every change of it, and none is changed. */
const FOLDER = path.join(import.meta.dirname, 'versions');
const NAMES = (await readdir(FOLDER)).map((name) => name.replace('.fixture.json', ''));
const ENTRY = { action: 'remote.runCommand', digest: 'd'.repeat(64) };
const AT = '2026-11-24T10:00:00.000Z';

async function storeOf(text: string) {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'turingpi-versions-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const file = path.join(directory, 'tpi_state.json');
  await writeFile(file, text);
  return { file, directory, store: new FileStateStore(file, { host: 'another' }) };
}

it('there is a file of every version', () => {
  const versions = new Set(NAMES.map((name) => Number(name.split('-')[0])));
  expect([...versions].sort()).toEqual(Array.from({ length: STATE_VERSION }, (_, index) => index + 1));
});

it.each(NAMES)(
  'a file with the layout %s is understood, and is one of today when it is written',
  async (name) => {
    const text = await readFile(path.join(FOLDER, `${name}.fixture.json`), 'utf8');
    const { file, directory, store } = await storeOf(text);
    if (['2-leases', '2-durations', '2-in-place'].includes(name)) {
      const folder = path.join(directory, 'tpi_state.journal');
      const lines = [
        { fence: 4, input_hash: '3'.repeat(64) },
        { n: 0, fence: 4, ...ENTRY, result: {}, at: AT },
      ];
      await mkdir(folder);
      const content = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
      await writeFile(path.join(folder, 'Node1.post_installation.jsonl'), content);
    }
    const check = async () => {
      const { Node1, Node2 } = await store.load();
      expect(Object.values(Node1!).map((record) => (record as { status: string }).status)).toEqual([
        'completed',
        'completed',
        'completed',
      ]);
      expect(Node1?.os_installation).toMatchObject({
        generation: name === '1-generations' ? 3 : 1,
        image: { output: { sha256: 'a'.repeat(64) } },
      });
      expect(await store.journal('Node1', 'post_installation')).toMatchObject([ENTRY]);
      if (name === '2-in-place') expect(Node1?.os_installation?.in_place).toHaveLength(1);
      if (name.startsWith('2')) expect(Node2?.os_installation?.voided).toBe('flashed by hand');
    };
    await check();
    expect(await readFile(file, 'utf8'), 'it was only read').toBe(text);
    await store.amend('Node3', () => ({ os_installation: { status: 'pending', timestamp: AT } }));
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ version: STATE_VERSION });
    await check();
  },
);

it('a file of a newer program is refused, and stays as it is', async () => {
  const text = JSON.stringify({ version: STATE_VERSION + 1, Node1: { what: 'ever' } });
  const { file, store } = await storeOf(text);
  const amend = () => store.amend('Node1', () => ({}));
  for (const use of [() => store.load(), amend, () => store.forget('Node1'), () => store.setAside()])
    expect(await rejection(Promise.resolve(use()))).toMatchObject({ code: 'STATE_UNSUPPORTED_VERSION' });
  expect(await readFile(file, 'utf8')).toBe(text);
});
