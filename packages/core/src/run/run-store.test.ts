import { spawnSync } from 'node:child_process';
import {
  appendFile,
  chmod,
  mkdir,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { rejection, temporaryDirectory } from '../cluster/sample-cluster.fixture.js';
import type { RunEvent, RunOutcome } from './run-event.js';
import { startedEvent } from './run-sample.fixture.js';
import { RunStore } from './run-store.js';

const ID = (second: number, end = 'abcdef') => `20260102T0304${String(second).padStart(2, '0')}000-${end}`;
/** A process number that was given out and is free again. */
const GONE = spawnSync(process.execPath, ['-e', '0']).pid;

async function runs() {
  const directory = path.join(await temporaryDirectory(), 'runs');
  await mkdir(directory, { mode: 0o700 });
  const store = new RunStore(directory);
  const fileOf = (id: string) => path.join(directory, `${id}.jsonl`);
  const add = (id: string, ...events: readonly object[]) =>
    writeFile(fileOf(id), events.map((event, seq) => line(id, seq, event)).join(''), { mode: 0o600 });
  return { directory, store, fileOf, add };
}
const line = (id: string, seq: number, event: object) => `${JSON.stringify({ seq, runId: id, ...event })}\n`;
const ended = (outcome: RunOutcome) => ({
  ...{ type: 'run:ended', at: '2026-01-02T03:05:05.678Z', outcome, durationMs: 60_000 },
});
const note = (text: string) => ({ type: 'run:note', at: '2026-01-02T03:04:06.678Z', text });

describe('the list', () => {
  it('has the newest first, each with how it ended', async () => {
    const { store, add } = await runs();
    await add(ID(1), startedEvent(), note('x'.repeat(200_000)), ended('failed'));
    await add(ID(3), startedEvent());
    await add(ID(2), startedEvent({ pid: GONE }));
    expect((await store.list()).map(({ id, outcome, durationMs }) => [id, outcome, durationMs])).toEqual([
      [ID(3), 'running', undefined],
      [ID(2), 'died', undefined],
      [ID(1), 'failed', 60_000],
    ]);
    expect(await store.list(1)).toHaveLength(1);
  });

  it('calls nobody dead whose computer is another one, and gives signs of life, or never promised any', async () => {
    const { store, add, directory, fileOf } = await runs();
    const agesAgo = new Date(Date.now() - 90_000);
    const elsewhere = { pid: GONE, host: 'elsewhere', heartbeatMs: 10_000 };
    await add(ID(1), startedEvent({ pid: GONE, host: 'elsewhere' }));
    await add(ID(2), startedEvent({ pid: GONE, computer: '00000000' }));
    await add(ID(3), startedEvent(elsewhere));
    await writeFile(path.join(directory, `${ID(3)}.alive`), '.');
    await add(ID(4), startedEvent(elsewhere)); // has just been added to
    for (const id of [ID(1), ID(2), ID(3)]) await utimes(fileOf(id), agesAgo, agesAgo);
    expect((await store.list()).map(({ outcome }) => outcome)).toEqual(Array(4).fill('running'));

    await utimes(path.join(directory, `${ID(3)}.alive`), agesAgo, agesAgo);
    await utimes(fileOf(ID(4)), agesAgo, agesAgo);
    const outcomes = (await store.list()).map(({ outcome }) => outcome);
    expect(outcomes).toEqual(['died', 'died', 'running', 'running']);
    const ending = new AbortController();
    const seen: string[] = [];
    for await (const { type } of store.follow(ID(3), ending)) seen.push(type);
    expect(seen, 'nobody waits for it').toEqual(['run:started']);
    expect(await store.prune({})).toEqual([ID(4), ID(3)]);
    expect((await readdir(directory)).filter((name) => name.includes(ID(3)))).toEqual([]);
  });

  it('tells a process number that was given out again', async () => {
    const { store, add } = await runs();
    await add(ID(1), startedEvent({ processStart: 'another boot:1' }));
    expect((await store.list())[0]?.outcome).toBe(process.platform === 'linux' ? 'died' : 'running');
  });

  it('is empty without a directory, and leaves out what is none of ours', async () => {
    expect(await new RunStore('/nowhere/at/all').list()).toEqual([]);
    const { store, directory, add, fileOf } = await runs();
    await add(ID(1), startedEvent(), ended('completed'));
    await symlink(fileOf(ID(1)), fileOf(ID(2)));
    await mkdir(fileOf(ID(3)));
    spawnSync('mkfifo', [fileOf(ID(4))]); // is not waited for
    await add(ID(5), startedEvent());
    await chmod(fileOf(ID(5)), 0o666);
    await writeFile(path.join(directory, 'notes.jsonl'), '');
    await writeFile(fileOf(ID(6)), '{"seq":0,"type":"run:started"}\n', { mode: 0o600 });
    await writeFile(fileOf(ID(7)), Buffer.alloc(3_000_000, 'x'), { mode: 0o600 });
    expect((await store.list()).map(({ id, outcome }) => [id, outcome])).toEqual([
      [ID(7), 'unreadable'],
      [ID(6), 'unreadable'],
      [ID(1), 'completed'],
    ]);
    expect(await rejection(read(store, ID(2)))).toMatchObject({ code: 'RUN_UNREADABLE' });
    await chmod(directory, 0o777);
    expect(await rejection(store.list())).toMatchObject({ code: 'RUN_UNREADABLE' });
  });
});

describe('a run', () => {
  it('is found by the beginning of its name; without one, the newest', async () => {
    const { store, add } = await runs();
    await add(ID(1, 'aaaaaa'), startedEvent());
    await add(ID(1, 'bbbbbb'), startedEvent());
    await add(ID(2), startedEvent());
    expect((await store.find()).id).toBe(ID(2));
    expect((await store.find(ID(1, 'b'))).id).toBe(ID(1, 'bbbbbb'));
    expect(await rejection(store.find(ID(1, '')))).toMatchObject({ code: 'RUN_AMBIGUOUS' });
    expect(await rejection(store.find('2027'))).toMatchObject({ code: 'RUN_NOT_FOUND' });
    expect(await rejection(store.find('../../etc'))).toMatchObject({ code: 'RUN_NOT_FOUND' });
  });

  it('is read without lines that are none of its own', async () => {
    const { store, add, fileOf } = await runs();
    await add(ID(1), startedEvent(), note('a'));
    await appendFile(fileOf(ID(1)), `\n{}\nrubbish\n${line(ID(2), 2, note('of another'))}`);
    await appendFile(fileOf(ID(1)), `"${'x'.repeat(2_000_000)}"\n${line(ID(1), 2, note('b'))}{"seq":3`);
    expect((await read(store, ID(1))).map((event) => 'text' in event && event.text)).toEqual([
      false,
      'a',
      'b',
    ]);
  });

  it('of a newer version is refused by name, rather than misread', async () => {
    const { store, add } = await runs();
    await add(ID(1), { ...startedEvent(), schema: 2 });
    expect(await rejection(read(store, ID(1)))).toMatchObject({ code: 'RUN_UNSUPPORTED_SCHEMA' });
    expect((await store.find()).outcome).toBe('unreadable');
    await add(ID(2), note('no beginning'));
    expect(await rejection(read(store, ID(2)))).toMatchObject({ code: 'RUN_UNREADABLE' });
  });

  it('is followed while it goes on, half lines included, to its end', async () => {
    const { store, add, fileOf } = await runs();
    await add(ID(1), startedEvent());
    const seen: string[] = [];
    const rest = [line(ID(1), 1, note('a')), line(ID(1), 2, note('b')).slice(0, 20)];
    const more = [line(ID(1), 2, note('b')).slice(20), line(ID(1), 3, ended('completed'))];
    for await (const event of store.follow(ID(1), { signal: new AbortController().signal })) {
      seen.push(event.type === 'run:note' ? event.text : event.type);
      if (event.type === 'run:started') await appendFile(fileOf(ID(1)), rest.join(''));
      if (event.type === 'run:note' && event.text === 'a') await appendFile(fileOf(ID(1)), more.join(''));
    }
    expect(seen).toEqual(['run:started', 'a', 'b', 'run:ended']);
  });

  it('is followed no longer than its process lives, and than is asked for', async () => {
    const { store, add } = await runs();
    await add(ID(1), startedEvent({ pid: GONE }), note('last words'));
    const stop = new AbortController();
    const seen: string[] = [];
    for await (const { type } of store.follow(ID(1), stop)) seen.push(type);
    expect(seen).toEqual(['run:started', 'run:note']);
    await add(ID(2), startedEvent());
    const following = (async () => {
      for await (const { type } of store.follow(ID(2), stop)) stop.abort(new Error(`enough: ${type}`));
    })();
    expect(await rejection(following)).toMatchObject({ message: 'enough: run:started' });
  });
});

describe('to prune', () => {
  it('keeps the newest, and those that go on', async () => {
    const { store, directory, add } = await runs();
    for (const second of [1, 2, 4, 5]) await add(ID(second), startedEvent(), ended('completed'));
    await add(ID(3), startedEvent());
    await writeFile(path.join(directory, `${ID(1)}.cancel`), '{}');
    expect(await store.prune({ keep: 2, dryRun: true })).toEqual([ID(2), ID(1)]);
    expect(await store.prune({ keep: 2 })).toEqual([ID(2), ID(1)]);
    expect((await readdir(directory)).sort()).toEqual([3, 4, 5].map((second) => `${ID(second)}.jsonl`));
  });

  it('keeps those of a newer version that go on', async () => {
    const { store, add } = await runs();
    await add(ID(1), { ...startedEvent({ pid: GONE }), schema: 2 });
    await add(ID(2), { ...startedEvent(), schema: 2 });
    await add(ID(3), { ...startedEvent({ host: 'elsewhere' }), schema: 2 });
    await add(ID(4), note('no beginning'));
    expect(await store.prune({})).toEqual([ID(4), ID(1)]);
  });

  it('does with another one that does the same', async () => {
    const { store, add } = await runs();
    const seconds = Array.from({ length: 20 }, (_, second) => second);
    for (const second of seconds) await add(ID(second), startedEvent(), ended('completed'));
    const removed = await Promise.all([store.prune({}), new RunStore(store.directory).prune({})]);
    expect(removed.flat().sort()).toEqual(seconds.map((second) => ID(second)));
  });

  it('removes what began before a time', async () => {
    const { store, add } = await runs();
    await add(ID(1), startedEvent({ at: '2026-01-01T00:00:00.000Z' }), ended('completed'));
    await add(ID(2), startedEvent({ at: '2026-02-01T00:00:00.000Z' }), ended('failed'));
    expect(await store.prune({ before: new Date('2026-01-15') })).toEqual([ID(1)]);
  });
});

it('a run that is over cannot be asked to stop', async () => {
  const { store, add } = await runs();
  await add(ID(1), startedEvent(), ended('completed'));
  await add(ID(2), startedEvent({ pid: GONE }));
  for (const id of [ID(1), ID(2)])
    expect(await rejection(store.requestCancel(id, 'me'))).toMatchObject({ code: 'RUN_ENDED' });
});

it('is asked anew where half a request was left, as by a full disk, and leaves none of its own', async () => {
  const { store, directory, add } = await runs();
  await add(ID(1), startedEvent());
  const file = path.join(directory, `${ID(1)}.cancel`);
  for (const left of ['', '{"by":']) {
    await writeFile(file, left, { mode: 0o600 });
    await store.requestCancel(ID(1), 'me');
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ by: 'me' });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  }
  await rm(file);
  await mkdir(path.join(file, 'in the way'), { recursive: true });
  expect(await rejection(store.requestCancel(ID(1), 'me'))).toMatchObject({ code: 'RUN_UNREADABLE' });
  expect((await readdir(directory)).sort()).toEqual([`${ID(1)}.cancel`, `${ID(1)}.jsonl`]);
});

async function read(store: RunStore, id: string): Promise<readonly RunEvent[]> {
  const events: RunEvent[] = [];
  for await (const event of store.read(id)) events.push(event);
  return events;
}

it('says of a cache directory that cannot be one that it cannot be made', async () => {
  const directory = await temporaryDirectory();
  await writeFile(path.join(directory, 'file'), '');
  const store = new RunStore(path.join(directory, 'file/cache/runs'));
  expect(await rejection(store.list())).toMatchObject({
    code: 'CONFIG_INVALID',
    message: `the cache directory ${path.join(directory, 'file/cache')} cannot be made`,
  });
});
