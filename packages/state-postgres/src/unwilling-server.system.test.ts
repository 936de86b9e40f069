import { setTimeout as sleep } from 'node:timers/promises';
import type { JournalEntry } from '@turingpi/core/plugin';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PostgresServer, requirePostgres } from '../../../bench/store/postgres-server.js';
import { openedState } from './opened-state.fixture.js';

const { missing } = requirePostgres();
const { signal: forever } = new AbortController();
const AT = '2026-01-02T03:04:05.678Z';
const LATER = { timings: { beatMs: 500, staleMs: 30_000, lookMs: 20 } };
const CLAIM = {
  record: () => ({ status: 'running' as const, timestamp: AT }),
  ...{ seen: undefined, keepJournal: 0, signal: forever },
};
const entry = (action: string): JournalEntry => ({ action, digest: action, result: null, at: AT });
/** Ends every session of ours. */
const END = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'turingpi'";

describe.skipIf(missing)('a server of PostgreSQL that does not do as it is asked', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await PostgresServer.start();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it('ends sessions again and again: nothing is lost, nothing is done twice', async () => {
    const database = await server.newDatabase();
    await using store = await openedState(server.url(database), {}, LATER);
    const work = (async () => {
      const phase = await store.claim('Node1', 'post_installation', 'aa', CLAIM);
      for (const action of ['a', 'b', 'c', 'd', 'e', 'f']) await store.append(phase, entry(action));
      for (const line of ['1', '2', '3', '4'])
        await store.papers!.text('count').update((text = '') => text + line);
      await store.finish(phase, () => ({ status: 'completed', timestamp: AT, input_hash: 'aa' }));
      return phase;
    })();
    const done = new AbortController();
    const ended = work.finally(() => done.abort());
    for (let times = 0; times < 100 && !done.signal.aborted; times += 1) {
      await server.sql(END);
      await sleep(20);
    }
    const phase = await ended;
    expect(phase.fence).toBe(1);
    expect((await store.journal('Node1', 'post_installation')).map(({ action }) => action).join('')).toBe(
      'abcdef',
    );
    expect(await store.papers!.text('count').read()).toBe('1234');
    expect((await store.load()).Node1?.post_installation).toMatchObject({ status: 'completed' });
  });

  it('only stands by for a while: what is to be written waits, and says so where nobody waits', async () => {
    const database = await server.newDatabase();
    await using store = await openedState(server.url(database), {}, LATER);
    const slot = await store.acquire('slot', { signal: forever });
    await server.sql(`alter database ${database} set default_transaction_read_only = on`);
    await server.sql(END);
    expect(await store.load()).toMatchObject({ version: 2 }); // reading goes on
    await expect(slot[Symbol.asyncDispose]()).rejects.toMatchObject({
      code: 'STATE_UNREACHABLE',
      hint: expect.stringContaining('primary') as string,
    });
    const claimed = store.claim('Node1', 'post_installation', 'aa', CLAIM);
    await server.sql(`alter database ${database} reset default_transaction_read_only`);
    await server.sql(END);
    expect((await claimed).fence).toBe(1);
  });

  it('is set to give up transactions of which it cannot tell which came first: they are done anew', async () => {
    const database = await server.newDatabase();
    await using one = await openedState(server.url(database));
    await server.sql(`alter database ${database} set default_transaction_isolation = 'serializable'`);
    await server.sql(END);
    await using other = await openedState(server.url(database));
    const count = (text = '0') => String(Number(text) + 1);
    const all = Array.from({ length: 12 }, (_, at) =>
      (at % 2 === 0 ? one : other).papers!.text('count').update(count),
    );
    await Promise.all(all);
    expect(await one.papers!.text('count').read()).toBe('12');
  });
});
