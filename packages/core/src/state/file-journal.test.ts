import { existsSync, rmSync } from 'node:fs';
import { appendFile, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { rejection, temporaryDirectory } from '../cluster/sample-cluster.fixture.js';
import { FileStateStore } from './file-state-store.js';
import { JournalFiles } from './journal-files.js';
import type { JournalEntry } from './journal-entry.js';
import type { PhaseRecord } from './state-document.js';

const timestamp = '2026-01-02T03:04:05.678Z';
const { signal } = new AbortController();
const entry = (action: string): JournalEntry => ({ action, digest: action, result: null, at: timestamp });
const failed = (): PhaseRecord => ({ status: 'failed', timestamp, input_hash: 'aa' });

async function sample() {
  const location = path.join(await temporaryDirectory(), 'lab.json');
  const store = new FileStateStore(location);
  const file = path.join(path.dirname(location), 'lab.journal', 'Node1.post_installation.jsonl');
  const record = async () => (await store.load()).Node1?.post_installation;
  const claim = async (keepJournal: number, hash = 'aa') => {
    const running = () => ({ status: 'running' as const, timestamp });
    const seen = (await record())?.fence;
    return store.claim('Node1', 'post_installation', hash, { signal, record: running, seen, keepJournal });
  };
  const actions = async () => (await store.journal('Node1', 'post_installation')).map(({ action }) => action);
  return { location, store, file, record, claim, actions };
}

describe('the journal of a state file', () => {
  it('that cannot be read is told with a code', async () => {
    const { store, file, claim } = await sample();
    await claim(0);
    await rm(file);
    await mkdir(file);
    const error = await rejection(store.journal('Node1', 'post_installation'));
    expect(error).toMatchObject({ code: 'STATE_UNREADABLE' });
    expect(error.message).toContain(file);
  });

  it.runIf(process.platform !== 'win32')('is beside it, for its owner only', async () => {
    const { store, file, claim } = await sample();
    await store.append(await claim(0), entry('a'));
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(path.dirname(file))).mode & 0o777).toBe(0o700);
  });

  it('grows without the state being written again', async () => {
    const { store, location, file, claim } = await sample();
    const lease = await claim(0);
    const before = await stat(location);
    const sizes: number[] = [];
    for (const name of ['a', 'b', 'c']) {
      await store.append(lease, entry(name));
      sizes.push((await stat(file)).size);
    }
    const after = await stat(location);
    expect([after.ino, after.mtimeMs]).toEqual([before.ino, before.mtimeMs]);
    expect(sizes[2]! - sizes[1]!).toBe(sizes[1]! - sizes[0]!);
  });

  it('whose last line was torn has those before it, and goes on behind them', async () => {
    const { store, file, claim, actions } = await sample();
    const lease = await claim(0);
    for (const name of ['a', 'b']) await store.append(lease, entry(name));
    await appendFile(file, '{"n":2,"fence":1,"action":"c","dig'); // killed while it wrote
    await lease[Symbol.asyncDispose]();
    expect(await actions()).toEqual(['a', 'b']);
    await store.append(await claim(2), entry('c'));
    expect(await actions()).toEqual(['a', 'b', 'c']);
  });

  it('loses nothing to a line that somebody else left unfinished at its end', async () => {
    const { store, file, claim, actions } = await sample();
    const lease = await claim(0);
    await store.append(lease, entry('a'));
    await appendFile(file, '{"n":1,"fen');
    await store.append(lease, entry('b'));
    expect(await actions()).toEqual(['a', 'b']);
  });

  it('is as it was when something cannot be added, which is told', async () => {
    const { store, file, claim, actions, record } = await sample();
    const lease = await claim(0);
    await store.append(lease, entry('a'));
    const text = await readFile(file);
    await rm(file);
    expect(await rejection(store.append(lease, entry('b')))).toMatchObject({ code: 'STATE_WRITE_FAILED' });
    await writeFile(file, text);
    await store.append(lease, entry('b'));
    await store.finish(lease, failed);
    expect(await actions()).toEqual(['a', 'b']);
    expect(await record()).toMatchObject({ status: 'failed' });
  });

  it('does not begin where its directory cannot be made, and the phase is free', async () => {
    const { store, location, file, claim, record } = await sample();
    await writeFile(path.dirname(file), 'in the way');
    expect(await rejection(claim(0))).toMatchObject({ code: 'STATE_WRITE_FAILED' });
    expect(await record()).toBeUndefined();
    await rm(path.dirname(file));
    await mkdir(path.dirname(file));
    await store.append(await claim(0), entry('a'));
    expect(await new FileStateStore(location).journal('Node1', 'post_installation')).toHaveLength(1);
  });

  it('in a record, as an earlier version wrote it, is read, and moved out by the next claim', async () => {
    const { store, location, claim, actions, record } = await sample();
    const earlier = { ...failed(), journal: [entry('a'), entry('b')] };
    await writeFile(location, JSON.stringify({ version: 2, Node1: { post_installation: earlier } }));
    expect(await actions()).toEqual(['a', 'b']);
    // It survives what is learnt of the record, and a failure before anything was begun.
    await store.amend('Node1', () => ({ post_installation: failed() }));
    expect(await actions()).toEqual(['a', 'b']);
    const lease = await claim(2);
    expect(await record()).not.toHaveProperty('journal');
    await store.append(lease, entry('c'));
    await store.finish(lease, failed);
    expect(await actions()).toEqual(['a', 'b', 'c']);
  });

  it('of an earlier version does not hold for other inputs', async () => {
    const { store, location, actions } = await sample();
    const earlier = { ...failed(), journal: [entry('a')] };
    await writeFile(location, JSON.stringify({ version: 2, Node1: { post_installation: earlier } }));
    await store.amend('Node1', () => ({ post_installation: { status: 'pending', timestamp } }));
    expect(await actions()).toEqual([]);
    await store.amend('Node1', () => ({ post_installation: { ...failed(), input_hash: 'bb' } }));
    expect(await actions()).toEqual([]);
  });

  it('is not that of a state file that was lost', async () => {
    const { store, location, claim, actions } = await sample();
    const lease = await claim(0);
    await store.append(lease, entry('a'));
    await store.finish(lease, failed);
    await rm(location);
    expect(await actions()).toEqual([]);
    await claim(1);
    expect(await actions()).toEqual([]);
  });

  it('is not replaced by who has lost the lock of the state meanwhile', async () => {
    const { store, location, file, claim } = await sample();
    const lease = await claim(0);
    await store.append(lease, entry('a'));
    await store.finish(lease, failed);
    const text = await readFile(file, 'utf8');
    const record = (): PhaseRecord => {
      rmSync(`${location}.lock`, { recursive: true }); // as whoever takes it over from one that was suspended
      return { status: 'running', timestamp };
    };
    const late = { signal, record, seen: lease.fence, keepJournal: 0 };
    const refused = store.claim('Node1', 'post_installation', 'bb', late);
    expect(await rejection(refused)).toMatchObject({ code: 'STATE_LOCKED' });
    expect(await readFile(file, 'utf8')).toBe(text);
    expect(await readdir(path.dirname(file))).toEqual([path.basename(file)]);
  });

  it('of another claim with the same number holds for nothing', async () => {
    const { store, file, claim, actions } = await sample();
    const lease = await claim(0);
    await store.append(lease, entry('a'));
    const [head = '', ...lines] = (await readFile(file, 'utf8')).split('\n');
    const theirs = { ...(JSON.parse(head) as object), instance: 'theirs' };
    await writeFile(file, [JSON.stringify(theirs), ...lines].join('\n'));
    expect(await actions()).toEqual([]);
  });

  it('that is forgotten is removed under the lock, before the phase can be claimed again', async () => {
    const { store, location, claim } = await sample();
    await claim(0);
    const remove = vi.spyOn(JournalFiles.prototype, 'remove').mockImplementation(() => {
      expect(existsSync(`${location}.lock`)).toBe(true);
      return Promise.resolve();
    });
    await store.forget('Node1', 'post_installation');
    expect(remove).toHaveBeenCalledTimes(1);
  });

  it('that cannot be removed is told with a code, and nothing is forgotten', async () => {
    const { store, file, claim, record } = await sample();
    await claim(0);
    await rm(file);
    await mkdir(file);
    expect(await rejection(store.forget('Node1'))).toMatchObject({ code: 'STATE_WRITE_FAILED' });
    expect(await record()).toMatchObject({ status: 'running' });
  });
});
