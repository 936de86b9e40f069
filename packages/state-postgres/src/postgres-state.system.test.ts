import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createTuringPi, FileStateStore } from '@turingpi/core';
import {
  CleanupStack,
  defineExtensionPoint,
  definePlugin,
  type JournalEntry,
  PHASES,
  Secret,
  silentLogger,
} from '@turingpi/core/plugin';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { claimedOften } from '../../../bench/store/claimed-often.js';
import { PostgresServer, requirePostgres } from '../../../bench/store/postgres-server.js';
import { Relay } from '../../../test/support/site/relay.js';
import { connectionOptions } from './connection-options.js';
import { Database } from './database.js';
import { migrateSchema } from './migrate-schema.js';
import { postgresStatePlugin } from './postgres-state-plugin.js';
import { openedState, SECRETS_KEY, SOON } from './opened-state.fixture.js';
import { makeCertificates } from './certificates.fixture.js';

const { missing } = requirePostgres();
const { signal: forever } = new AbortController();
const SECRETS = JSON.stringify({
  version: 1,
  digestKey: Buffer.alloc(32, 7).toString('base64'),
  nodes: { Node1: { written: 4, installed: 4, generations: { '4': { hostKeys: ['a private key'] } } } },
});
const AT = '2026-01-02T03:04:05.678Z';
const entry = (action: string): JournalEntry => ({ action, digest: action, result: null, at: AT });

describe.skipIf(missing)('a state in PostgreSQL', () => {
  let folder: string;
  let server: PostgresServer;
  let authority: string;
  let relay: Relay;
  const cleanup = new CleanupStack();
  const cut = async (milliseconds: number) => {
    relay.cut();
    await sleep(milliseconds);
    relay.join();
  };
  const overRelay = (database: string) => `postgresql://postgres@localhost/${database}?host=${folder}`;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'turingpi-postgres-'));
    cleanup.defer('folder', () => rm(folder, { recursive: true, force: true }));
    const { authority: pem, ...tls } = await makeCertificates(folder);
    authority = path.join(folder, 'authority.pem');
    await writeFile(authority, pem);
    server = cleanup.use('server', await PostgresServer.start({ tls }));
    relay = cleanup.use(
      'relay',
      await Relay.start(path.join(folder, '.s.PGSQL.5432'), { path: server.socket }),
    );
  });
  afterAll(async () => {
    await cleanup[Symbol.asyncDispose]();
  });

  describe('that cannot be reached for a while', () => {
    it('keeps what is held for less than its time, and loses nothing that is written meanwhile', async () => {
      const url = await server.newDatabase();
      await using store = await openedState(overRelay(url));
      await using other = await openedState(server.url(url));
      const record = () => ({ status: 'running' as const, timestamp: AT });
      const claim = { record, seen: undefined, keepJournal: 0, signal: forever };
      const phase = await store.claim('Node1', 'post_installation', 'aa', claim);
      await using slot = await store.acquire('slot', { signal: forever });
      const outage = cut(500);
      await store.append(phase, entry('while it was away'));
      await outage;
      await sleep(SOON.staleMs); // as long as it would take to lose it
      expect([slot.signal.aborted, await slot.isHeld?.(), phase.signal.aborted]).toEqual([
        false,
        true,
        false,
      ]);
      await expect(other.acquire('slot', { signal: forever })).rejects.toMatchObject({
        code: 'STATE_LEASE_HELD',
      });
      expect(await other.journal('Node1', 'post_installation')).toHaveLength(1);
      await store.finish(phase, () => ({ status: 'completed', timestamp: AT, input_hash: 'aa' }));
    });

    it('tells who holds something that it is lost before anybody else has it', async () => {
      const url = await server.newDatabase();
      await using store = await openedState(overRelay(url));
      await using other = await openedState(server.url(url), {}, { host: 'elsewhere' });
      const slot = await store.acquire('slot', { signal: forever });
      const lostAt = new Promise<number>((resolve) =>
        slot.signal.addEventListener('abort', () => resolve(performance.now())),
      );
      relay.cut();
      const theirs = await other.acquire('slot', { signal: forever, wait: true });
      const takenAt = performance.now();
      expect(takenAt - (await lostAt)).toBeGreaterThan(SOON.staleMs * 0.2);
      expect(slot.signal.reason).toMatchObject({ code: 'STATE_LEASE_LOST' });
      expect(await slot.isHeld?.()).toBe(false);
      relay.join();
      await slot[Symbol.asyncDispose](); // gives back nothing
      expect([theirs.signal.aborted, await theirs.isHeld?.()]).toEqual([false, true]);
      await theirs[Symbol.asyncDispose]();
    });

    it('does nothing twice and forgets nothing, whenever the connection is lost', async () => {
      await using store = await openedState(overRelay(await server.newDatabase()));
      const add = () =>
        store.amend('Node1', (phases) => {
          const times = Number(phases?.os_installation?.output?.['times'] ?? 0) + 1;
          return { os_installation: { status: 'completed', timestamp: AT, output: { times } } };
        });
      for (let index = 0; index < 3; index += 1) await add();
      const begun = performance.now();
      await add();
      const takesMs = performance.now() - begun;
      const count = 24;
      // Each is cut off at another moment, from its begin until after its end.
      for (let index = 4; index < count; index += 1)
        await Promise.all([add(), sleep((takesMs * 1.2 * index) / count).then(() => cut(0))]);
      expect((await store.load()).Node1?.os_installation?.output).toEqual({ times: count });
    });

    it('says so at once to who begins', async () => {
      const nowhere = path.join(folder, 'nowhere');
      const begun = performance.now();
      const refused = openedState(`postgresql://me:hunter2@localhost/lab?host=${nowhere}`);
      await expect(refused).rejects.toMatchObject({ code: 'STATE_UNREACHABLE' });
      expect(performance.now() - begun).toBeLessThan(3000);
      expect(String(await refused.catch((error: unknown) => error))).not.toContain('hunter2');
    });
  });

  describe('of an earlier version of its tables', () => {
    it.each([0, 1, 2])('%i is brought to today’s, with what is in it', async (version) => {
      const name = await server.newDatabase();
      const { client, location } = await connectionOptions(server.url(name), { tls: 'off' }, '/');
      {
        await using database = new Database({ client, location, schema: 'turingpi' }, silentLogger);
        await migrateSchema(database, version);
        if (version > 0)
          await server.sql(
            `insert into turingpi.cluster (name, version) values ('lab', 2);
             insert into turingpi.phase values ('lab', 'Node1', 'os_installation', 3, '{"status":"completed","timestamp":"${AT}"}')`,
            name,
          );
      }
      await using store = await openedState(server.url(name));
      const expected = version === 0 ? undefined : { status: 'completed', timestamp: AT, fence: 3 };
      expect((await store.load()).Node1?.os_installation).toEqual(expected);
      await store.amend('Node1', () => ({ post_installation: { status: 'completed', timestamp: AT } }));
      expect(await store.secrets.update(() => 'secret')).toBe('secret');
      await store.papers?.log('erasures').append(['a line']);
      expect(await store.papers?.log('erasures').read()).toEqual(['a line']);
      const fresh = await server.newDatabase();
      await (await openedState(server.url(fresh)))[Symbol.asyncDispose]();
      const tables = `select table_name, column_name, data_type, is_nullable, column_default
        from information_schema.columns where table_schema = 'turingpi' order by 1, 2`;
      expect(await server.sql(tables, name)).toBe(await server.sql(tables, fresh));
    });

    it('is made once by two who come at once', async () => {
      const name = await server.newDatabase();
      const stores = await Promise.all([1, 2, 3].map(() => openedState(server.url(name))));
      for (const store of stores) await store[Symbol.asyncDispose]();
      expect(await server.sql('select count(*) from turingpi.migration', name)).toBe('3');
    });

    it('of a later one is refused', async () => {
      const name = await server.newDatabase();
      await (await openedState(server.url(name)))[Symbol.asyncDispose]();
      await server.sql("insert into turingpi.migration (name, run_on) values ('99_later', now())", name);
      const code = 'STATE_UNSUPPORTED_VERSION';
      await expect(openedState(server.url(name))).rejects.toMatchObject({ code });
    });
  });

  it('with records of a later version is read by nobody, and written by nobody', async () => {
    const name = await server.newDatabase();
    await using store = await openedState(server.url(name));
    await server.sql("insert into turingpi.cluster (name, version) values ('lab', 3)", name);
    const code = 'STATE_UNSUPPORTED_VERSION';
    await expect(store.load()).rejects.toMatchObject({ code });
    await expect(store.forget('Node1')).rejects.toMatchObject({ code });
    await expect(store.amend('Node1', () => ({}))).rejects.toMatchObject({ code });
  });

  it('keeps clusters apart by name, and gives a slot to one of all', async () => {
    const url = server.url(await server.newDatabase());
    await using lab = await openedState(url);
    await using rack = await openedState(url, { cluster: 'rack' });
    await lab.amend('Node1', () => ({ os_installation: { status: 'completed', timestamp: AT } }));
    expect((await rack.load()).Node1).toBeUndefined();
    await using slot = await lab.acquire('slot of a board', { signal: forever });
    await expect(rack.acquire(slot.resource, { signal: forever })).rejects.toMatchObject({
      code: 'STATE_LEASE_HELD',
    });
  });

  it('keeps any text of a record as it was', async () => {
    await using store = await openedState(server.url(await server.newDatabase()));
    const output = { text: 'nul \0, half \ud83d, "quoted" \\ and \u2028', b: 1, a: [] };
    await store.amend('Node1', () => ({ os_installation: { status: 'completed', timestamp: AT, output } }));
    const found = (await store.load()).Node1?.os_installation?.output;
    expect(JSON.stringify(found)).toBe(JSON.stringify(output));
  });

  describe('with secrets', () => {
    it('tells the server nothing of them', async () => {
      const name = await server.newDatabase();
      await using store = await openedState(server.url(name));
      await store.secrets.update(() => 'a very secret text');
      const dump = await server.sql("select encode(sealed, 'escape') from turingpi.node_secrets", name);
      expect(dump).toContain('age-encryption.org');
      expect(dump).not.toContain('secret text');
      expect(await store.secrets.read()).toBe('a very secret text');
    });

    it('opens them for whom they were sealed, and for nobody else', async () => {
      const url = server.url(await server.newDatabase());
      const [colleague, stranger] = await Promise.all([generateX25519Identity(), generateX25519Identity()]);
      await using store = await openedState(url, {
        secretsRecipients: [await identityToRecipient(colleague)],
      });
      await store.secrets.update(() => 'ours');
      await using theirs = await openedState(url, {
        secretsKey: colleague,
        secretsRecipients: [await identityToRecipient(SECRETS_KEY)],
      });
      expect(await theirs.secrets.update((text) => `${text} and theirs`)).toBe('ours and theirs');
      expect(await store.secrets.read()).toBe('ours and theirs');
      await using other = await openedState(url, { secretsKey: stranger });
      const refusal = { code: 'NODE_SECRETS_UNREADABLE' };
      await expect(other.secrets.read()).rejects.toMatchObject(refusal);
      await expect(other.secrets.update(() => 'mine')).rejects.toMatchObject(refusal);
      expect(await store.secrets.read()).toBe('ours and theirs');
    });

    it('asks for a key that is one, without quoting it', async () => {
      const error = await openedState(server.url(), { secretsKey: 'hunter2' }).catch((each: unknown) => each);
      expect(error).toMatchObject({ code: 'CONFIG_INVALID' });
      expect(String(error)).not.toContain('hunter2');
      const unset = openedState(server.url(), { secretsKey: { env: 'TPI_SECRETS_KEY' } });
      await expect(unset).rejects.toMatchObject({
        code: 'CONFIG_SECRET_MISSING',
        message: expect.stringContaining('TPI_SECRETS_KEY') as string,
      });
    });
  });

  it('over TCP is used when the server proves who it is, and not otherwise', async () => {
    const name = await server.newDatabase();
    const url = (host: string) => `postgresql://postgres@${host}:${server.port}/${name}`;
    await (await openedState(url('127.0.0.1'), { certificateAuthority: authority }))[Symbol.asyncDispose]();
    const code = 'STATE_UNREACHABLE';
    // Of an authority that nobody knows; of another name.
    await expect(openedState(url('127.0.0.1'))).rejects.toMatchObject({ code });
    const named = openedState(url('localhost'), { certificateAuthority: authority });
    await expect(named).rejects.toMatchObject({ code });
  });

  it('lets a role use it that owns nothing and may do no more', async () => {
    const name = await server.newDatabase();
    const roles = path.resolve(import.meta.dirname, '../../../examples/postgres/roles.sql');
    await server.sql(await readFile(roles, 'utf8'), name);
    const asUser = () => openedState(server.url(name, 'turingpi_user'));
    await expect(asUser()).rejects.toMatchObject({ code: 'STATE_WRITE_FAILED' });
    await (await openedState(server.url(name, 'turingpi_owner')))[Symbol.asyncDispose]();
    await using store = await asUser();
    const record = () => ({ status: 'running' as const, timestamp: AT });
    for (const phase of PHASES) {
      const claim = { record, seen: undefined, keepJournal: 0, signal: forever };
      const lease = await store.claim('Node1', phase, 'aa', claim);
      await store.append(lease, entry('a'));
      await store.finish(lease, () => ({ status: 'completed', timestamp: AT }));
    }
    await store.forget('Node1');
    await store.secrets.update(() => 'secret');
    await store.papers?.text('of a board').update(() => 'a text');
    await store.papers?.log('run/1').append(['a line']);
    await store.papers?.removeLog('run/1');
    await expect(server.sql('set role turingpi_user; drop table turingpi.phase', name)).rejects.toThrow(
      /owner/,
    );
    await expect(server.sql('set role turingpi_user; create table turingpi.mine ()', name)).rejects.toThrow(
      /denied/,
    );
  });

  it('gets what a file had by export and import, and gives it back the same', async () => {
    const url = server.url(await server.newDatabase());
    const boards = defineExtensionPoint({ key: 'boards', title: 'board', nodeKey: 'board' });
    const sample = definePlugin({
      name: 'sample',
      ...({ extensionPoints: [boards], boards: [{ id: 'a' }] } as object),
    });
    const open = (cacheDir: string, state: object) =>
      createTuringPi({
        ip: '192.0.2.90',
        node1: { ip: '192.0.2.91', board: 'a' },
        cacheDir: path.join(folder, cacheDir),
        plugins: [sample, postgresStatePlugin],
        ...state,
      });
    const inDatabase = { state: { postgres: { url, secretsKey: SECRETS_KEY } } };
    const passphrase = new Secret('nobody guesses it');
    const known = async ({ archive }: Awaited<ReturnType<typeof open>>) => {
      const { board, ...nodes } = await archive.load();
      const records = JSON.stringify(nodes, (key, value: unknown) => (key === 'fence' ? undefined : value));
      return { mac: board?.mac, records, journal: await archive.journal(1, 'post_installation') };
    };
    await using first = await open('one', {});
    {
      await using file = new FileStateStore(path.join(folder, 'one/tpi_state.json'));
      await file.bind({ mac: '02:00:00:00:00:01', since: AT });
      const done = {
        status: 'completed' as const,
        timestamp: AT,
        input_hash: 'aa',
        output: { z: 1, a: [null] },
      };
      await file.amend('Node1', () => ({
        image_customization: done,
        os_installation: { ...done, generation: 4 },
      }));
      const claim = { record: () => done, seen: 0, keepJournal: 0, signal: forever };
      const lease = await file.claim('Node1', 'post_installation', 'aa', claim);
      for (const name of ['a', 'b']) await file.append(lease, entry(name));
      await file.finish(lease, () => done);
      await file.secrets.update(() => SECRETS);
    }
    await using shared = await open('two', inDatabase);
    const options = { place: 'the export', signal: forever };
    await shared.archive.import(await first.archive.export(passphrase), passphrase, options);
    await using last = await open('three', {});
    await last.archive.import(await shared.archive.export(passphrase), passphrase, options);
    const before = await known(first);
    expect(before.journal).toHaveLength(2);
    expect(await known(shared)).toEqual(before);
    expect(await known(last)).toEqual(before);
    const secrets = await readFile(path.join(folder, 'three/node-secrets.json'), 'utf8');
    expect(JSON.parse(secrets)).toEqual(JSON.parse(SECRETS));
  });

  it('loses no claim, no action and no count of several processes', async () => {
    const url = server.url(await server.newDatabase());
    const load = { processes: 4, count: 20 };
    const { entries } = await claimedOften({ settings: { url, secretsKey: SECRETS_KEY } }, load);
    expect(entries).toEqual([20, 20, 20, 20]);
    await using store = await openedState(url, { cluster: 'shared' });
    expect((await store.load()).Node1?.os_installation?.output).toEqual({ times: 80 });
  });
});
