import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, chmod, mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { NodeName } from '@turingpi/foundation';
import { describe, expect, it } from 'vitest';
import { rejection, temporaryDirectory } from '../cluster/sample-cluster.fixture.js';
import type { PhaseName } from '../phase/phase.js';
import { bundleForChild } from './bundle-for-child.fixture.js';
import { FileStateStore } from './file-state-store.js';
import type { PhaseRecord } from './state-document.js';

const NOW = new Date('2026-01-02T03:04:05.678Z');
const record: PhaseRecord = { status: 'completed', timestamp: NOW.toISOString(), input_hash: 'ab' };

async function sampleStore() {
  const location = path.join(await temporaryDirectory(), 'tpi_state.json');
  return { location, store: new FileStateStore(location, { now: () => NOW }) };
}
const write = (store: FileStateStore, node: NodeName, phase: PhaseName, next = record) =>
  store.amend(node, (phases) => ({ ...phases, [phase]: next }));
const json = async (file: string) => JSON.parse(await readFile(file, 'utf8')) as unknown;

describe('the state file', () => {
  it('is empty before anything was written, and no file is made by reading', async () => {
    const { store, location } = await sampleStore();
    expect(await store.load()).toEqual({ version: 2 });
    await expect(access(location)).rejects.toThrow();
  });

  it('is keyed by node and phase, with a version', async () => {
    const { store, location } = await sampleStore();
    await write(store, 'Node1', 'image_customization');
    await write(store, 'Node3', 'os_installation', { ...record, status: 'failed' });
    const pending = { status: 'pending', timestamp: NOW.toISOString() };
    expect(await json(location)).toEqual({
      version: 2,
      Node1: { image_customization: record, os_installation: pending, post_installation: pending },
      Node3: {
        image_customization: pending,
        os_installation: { ...record, status: 'failed' },
        post_installation: pending,
      },
    });
    expect(await new FileStateStore(location).load()).toEqual(await json(location));
  });

  it('keeps what it does not know', async () => {
    const { store, location } = await sampleStore();
    const known = {
      version: 2,
      note: 'x',
      Node1: { image_customization: { ...record, later: 1 }, extra: {} },
    };
    await writeFile(location, JSON.stringify(known));
    await write(store, 'Node1', 'os_installation');
    expect(await json(location)).toMatchObject(known);
  });

  it.runIf(process.platform !== 'win32')(
    'can be read by its owner only, whatever it was before',
    async () => {
      const { store, location } = await sampleStore();
      await write(store, 'Node1', 'image_customization');
      expect((await stat(location)).mode & 0o777).toBe(0o600);
      await chmod(location, 0o644);
      await write(store, 'Node1', 'image_customization');
      expect((await stat(location)).mode & 0o777).toBe(0o600);
    },
  );

  it('is not changed by a change that throws or leaves it', async () => {
    const { store, location } = await sampleStore();
    await write(store, 'Node1', 'image_customization');
    const before = await readFile(location, 'utf8');
    const failure = new Error('not now');
    const failing = store.amend('Node1', () => {
      throw failure;
    });
    expect(await rejection(failing)).toBe(failure);
    await store.amend('Node1', (phases) => {
      expect(phases?.image_customization).toEqual(record);
      return undefined;
    });
    expect(await readFile(location, 'utf8')).toBe(before);
    expect(await readdir(path.dirname(location))).toEqual(['tpi_state.json']);
  });

  it.each([
    ['truncated', '{"version":1,"Node1":{"image_cu'],
    ['empty', ''],
    ['not ours', '[]'],
    ['null', 'null'],
    ['of version 0', '{"version":0}'],
    ['of version 1 and damaged', '{"version":1,"Node1":[]}'],
    ['with records that are none', '{"version":2,"Node1":{"os_installation":"completed"}}'],
    ['without version', '{"Node1":{}}'],
    [
      'with an impossible status',
      '{"version":2,"Node1":{"os_installation":{"status":"done","timestamp":""}}}',
    ],
    ['binary', '\u0000\u0001\u0002'],
  ])('that is %s is refused and left as it is, until somebody sets it aside', async (_what, text) => {
    const { store, location } = await sampleStore();
    await writeFile(location, text);
    for (const refused of [store.load(), write(store, 'Node1', 'os_installation'), store.load()])
      expect(await rejection(refused)).toMatchObject({ code: 'STATE_UNREADABLE' });
    expect(await readFile(location, 'utf8')).toBe(text);

    const aside = `${location}.unreadable-2026-01-02T03-04-05-678Z`;
    expect(await store.setAside()).toBe(aside);
    expect(await readFile(aside, 'utf8')).toBe(text);
    expect(await store.setAside()).toBeUndefined(); // nothing is damaged now
    expect(await store.load()).toEqual({ version: 2 });

    await writeFile(location, `${text} again`);
    expect(await store.setAside()).not.toBe(aside);
    expect(await readFile(aside, 'utf8')).toBe(text); // the first one is still there
  });

  it('of a newer program is refused and left alone', async () => {
    const { store, location } = await sampleStore();
    const text = '{"version":3,"nodes":{}}';
    await writeFile(location, text);
    for (const refused of [store.load(), write(store, 'Node1', 'os_installation')]) {
      const error = await rejection(refused);
      expect(error).toMatchObject({ code: 'STATE_UNSUPPORTED_VERSION' });
      expect(error.message).toContain(location);
    }
    expect(await readFile(location, 'utf8')).toBe(text);
  });

  it('that is a directory, or in a missing one, is told with a code', async () => {
    const { store, location } = await sampleStore();
    await mkdir(location);
    await expect(store.load()).rejects.toMatchObject({ code: 'STATE_UNREADABLE' });
    await rm(path.dirname(location), { recursive: true });
    await expect(write(store, 'Node1', 'os_installation')).rejects.toMatchObject({
      code: 'STATE_WRITE_FAILED',
    });
  });
});

it('a lease whose last record cannot be written is held still', async () => {
  const location = path.join(await temporaryDirectory(), 'tpi_state.json');
  let time = 0;
  const timings = { beatMs: 5, staleMs: 1000, lookMs: 5 };
  const store = new FileStateStore(location, { now: () => new Date((time += 1000)), timings });
  const { signal } = new AbortController();
  const running = (): PhaseRecord => ({ status: 'running', timestamp: NOW.toISOString() });
  const lease = await store.claim('Node1', 'os_installation', 'ab', {
    signal,
    seen: undefined,
    record: running,
  });
  const refused = store.finish(lease, () => {
    throw new Error('not now');
  });
  await expect(refused).rejects.toThrow('not now');
  const beat = async () => (await store.load()).Node1?.os_installation?.owner?.heartbeat;
  const before = await beat();
  await expect.poll(beat).not.toBe(before);
  await store.finish(lease, () => record);
  expect((await store.load()).Node1?.os_installation).toEqual({ ...record, fence: lease.fence });
  expect(lease.signal.aborted).toBe(false);
});

it('a lease that has ended blocks nobody, although its process lives and its end could not be written', async () => {
  const { store, location } = await sampleStore();
  const other = new FileStateStore(location);
  const { signal } = new AbortController();
  const running = (): PhaseRecord => ({ status: 'running', timestamp: NOW.toISOString() });
  const claim = (by: FileStateStore, seen: number | undefined) =>
    by.claim('Node1', 'os_installation', 'ab', { signal, seen, record: running });
  const lease = await claim(store, undefined);
  expect(await other.holder('Node1', 'os_installation')).toBeDefined();
  await lease.end();
  expect(await other.holder('Node1', 'os_installation')).toBeUndefined();
  await expect(claim(other, lease.fence)).resolves.toMatchObject({ fence: lease.fence + 1 });
});

it.each([
  ['is one of this computer, and gone', {}, undefined],
  ['may live where another computer has the same name', { computer: 'another' }, expect.anything()],
])('an owner whose process number is nobody %s', async (_what, computer, holder: unknown) => {
  const { store, location } = await sampleStore();
  const owner = { pid: 2 ** 22 + 1, host: os.hostname(), started_at: NOW.toISOString(), ...computer };
  const os_installation = { status: 'running', timestamp: NOW.toISOString(), owner };
  await writeFile(location, JSON.stringify({ version: 2, Node1: { os_installation } }));
  expect(await store.holder('Node1', 'os_installation')).toEqual(holder);
});

describe('several writers', () => {
  it('in one process lose nothing', async () => {
    const { location } = await sampleStore();
    const stores = [new FileStateStore(location), new FileStateStore(location)];
    await Promise.all(
      (['Node1', 'Node2', 'Node3', 'Node4'] as const).flatMap((node, index) =>
        (['image_customization', 'os_installation', 'post_installation'] as const).map((phase) =>
          write(stores[index % 2]!, node, phase),
        ),
      ),
    );
    const state = await stores[0]!.load();
    for (const node of ['Node1', 'Node2', 'Node3', 'Node4'] as const)
      expect(state[node]).toEqual({
        image_customization: record,
        os_installation: record,
        post_installation: record,
      });
  });

  it('in eight processes lose nothing of 200 each', { timeout: 120_000 }, async () => {
    const { location, store } = await sampleStore();
    const child = await bundleForChild(new URL('write-many.fixture.ts', import.meta.url));
    const rounds = 67; // of a write to each phase
    // Two of them write the same node: each must count on from the other.
    const nodes = ['Node1', 'Node2', 'Node3', 'Node4', 'Node1', 'Node2', 'Node3', 'Node4'];
    const exits = await Promise.all(
      nodes.map(async (node) => {
        const running = spawn(process.execPath, [child, location, node, String(rounds)], {
          stdio: 'inherit',
        });
        const [code] = (await once(running, 'exit')) as [number];
        return code;
      }),
    );
    expect(exits).toEqual(nodes.map(() => 0));
    const state = await store.load();
    const counted = (['Node1', 'Node2', 'Node3', 'Node4'] as const).map((node) =>
      Object.values(state[node]!).map((phase) => (phase as PhaseRecord).output?.['rounds']),
    );
    expect(counted).toEqual(counted.map(() => [2 * rounds, 2 * rounds, 2 * rounds]));
    expect(await readdir(path.dirname(location))).toEqual(['tpi_state.json']);
  });

  it('that died between temporary file and rename leave the old state, and their rest is removed', async () => {
    const { store, location } = await sampleStore();
    await write(store, 'Node1', 'image_customization');
    const directory = path.dirname(location);
    await writeFile(path.join(directory, '.tpi_state.json.4711.0a1b2c3d.turingpi-tmp'), '{"version":1,"Nod');
    const others = ['.tpi_state.json.backup', '.tpi_state.json.other.4711.0a1b2c3d.turingpi-tmp'];
    for (const name of others) await writeFile(path.join(directory, name), 'not ours');
    expect((await store.load()).Node1?.image_customization).toEqual(record);
    await write(store, 'Node1', 'os_installation');
    expect((await readdir(directory)).sort()).toEqual([...others, 'tpi_state.json'].sort());
  });

  it('that died with the lock are waited for and replaced', async () => {
    const { store, location } = await sampleStore();
    await mkdir(`${location}.lock`);
    const longAgo = new Date(Date.now() - 60_000);
    await utimes(`${location}.lock`, longAgo, longAgo);
    await write(store, 'Node1', 'image_customization');
    expect((await store.load()).Node1?.image_customization).toEqual(record);
  });
});
