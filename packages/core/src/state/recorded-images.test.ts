import { mkdir, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../cluster/sample-cluster.fixture.js';
import { FileStateStore } from './file-state-store.js';
import { findStateFiles } from './find-state-files.js';
import { recordedImages } from './recorded-images.js';

const timestamp = '2026-01-02T03:04:05.678Z';
const made = (file: string) => ({
  image_customization: {
    status: 'completed',
    timestamp,
    output_image_path: file,
    output_sha256: 'aa',
  },
});
const running = (pid: number, host = os.hostname(), heartbeat = new Date().toISOString()) => ({
  image_customization: {
    status: 'running',
    timestamp,
    owner: { pid, host, started_at: timestamp, heartbeat },
  },
});
/** Above the largest process number of Linux. */
const NOBODY = 2 ** 22 + 1;

async function sample(files: Readonly<Record<string, object | string>>): Promise<string> {
  const directory = await temporaryDirectory();
  for (const [name, content] of Object.entries(files))
    await writeFile(
      path.join(directory, name),
      typeof content === 'string' ? content : JSON.stringify({ version: 2, ...content }),
    );
  return directory;
}

describe('the images that records name', () => {
  it('are those of every state file of the directory, whatever its name', async () => {
    const directory = await sample({
      'tpi_state.json': { Node1: made('node1.img.xz') },
      'lab-state': { Node2: made('/elsewhere/node2.img.xz') },
      'other.json': { Nodes: made('no.img.xz') },
      'node-secrets.json': { Node1: made('secret.img.xz') },
      'turingpi.log': 'Node1',
    });
    await mkdir(path.join(directory, 'bases'));
    expect(await recordedImages(directory)).toEqual({
      digests: new Map([
        ['/elsewhere/node2.img.xz', 'aa'],
        [path.join(directory, 'node1.img.xz'), 'aa'],
      ]),
      running: false,
      unreadable: false,
    });
    expect(await findStateFiles(directory)).toEqual(
      ['lab-state', 'tpi_state.json'].map((name) => path.join(directory, name)),
    );
  });

  it('are none where nothing is recorded', async () => {
    const nothing = { digests: new Map(), running: false, unreadable: false };
    expect(await recordedImages(await sample({}))).toEqual(nothing);
    expect(await recordedImages(path.join(await sample({}), 'none'))).toEqual(nothing);
    expect(await recordedImages(await sample({ 'tpi_state.json': {} }))).toEqual(nothing);
  });

  it('may be any while the records cannot be understood', async () => {
    const directory = await sample({
      'tpi_state.json': '{"version": 1, "Node1": {',
      'lab.json': '{"Node1":',
    });
    expect(await recordedImages(directory)).toMatchObject({ unreadable: true });
    const stateFile = path.join(directory, 'lab.json');
    expect(await recordedImages(directory, { stateFile })).toMatchObject({ unreadable: true });
    const other = path.join(directory, 'none.json'); // this one is not damaged: the others are nobody's
    expect(await recordedImages(directory, { stateFile: other })).toMatchObject({ unreadable: false });
    const state = new FileStateStore(stateFile);
    expect(await recordedImages(directory, { stateFile, state })).toMatchObject({ unreadable: true });
  });

  it('of a store that is open are among them', async () => {
    const directory = await sample({ 'lab.json': { Node2: made('node2.img.xz') } });
    const state = new FileStateStore(path.join(await temporaryDirectory(), 'elsewhere.json'));
    await state.amend('Node1', () => ({
      image_customization: { status: 'completed', timestamp, output_image_path: 'node1.img.xz' },
    }));
    const { digests } = await recordedImages(directory, { state });
    expect([...digests.keys()].sort()).toEqual(
      ['node1.img.xz', 'node2.img.xz'].map((name) => path.join(directory, name)),
    );
  });

  it.each([
    ['one that lives', running(process.pid), true],
    ['one on another computer', running(NOBODY, 'elsewhere'), true],
    ['one on another computer that has been silent for long', running(NOBODY, 'elsewhere', timestamp), false],
    ['one that lives, whatever it last said', running(process.pid, os.hostname(), timestamp), true],
    ['one that is gone', running(NOBODY), false],
  ])('may be needed by a run: %s', async (_what, Node2, expected) => {
    expect(await recordedImages(await sample({ 'lab-state': { Node2 } }))).toMatchObject({
      running: expected,
    });
  });
});
