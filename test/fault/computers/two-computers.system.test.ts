import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LeaseTimings } from '@turingpi/core/plugin';
import { CleanupStack, type NodeId, nodeName } from '@turingpi/foundation';
import { openPostgresState, postgresSettings } from '@turingpi/state-postgres';
import { startVirtualBoard, type VirtualBoard } from '@turingpi/virtual-board';
import { baseImagePath } from '@turingpi/virtual-node';
import { generateX25519Identity } from 'age-encryption';
import { silentLogger } from '@turingpi/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { PostgresServer, requirePostgres } from '../../../bench/store/postgres-server.js';
import { movingClock } from '../../support/site/moving-clock.js';
import { Relay } from '../../support/site/relay.js';
import { requireTools } from '../../support/site/require-tools.js';
import { jsonLines, runCli } from '../../support/site/run-cli.js';
import { makeSite, type Site } from '../../support/site/site.js';

/*
 * Computers that share a database and a board. The clock of the first one is 30 s ahead. A lease is over after a time that is
 * short here; until then nobody else may do anything, and afterwards the one before may not.
 */
const CHILD = path.join(import.meta.dirname, 'up-on-computer.js');
const LEASES: LeaseTimings = { beatMs: 500, staleMs: 8000, lookMs: 100 };
/** From where the board sees a computer. */
const ADDRESSES = { first: '127.0.0.2', second: '127.0.0.3' } as const;
type Computer = keyof typeof ADDRESSES;

type Line = Readonly<Record<string, unknown>>;

/** The form of `npm run full`: what takes a minute of waiting is in it. */
const IS_FULL = process.env['COMPUTERS'] === 'all';
/** So long the server is away in each step. */
const AWAY_MS = IS_FULL ? 20_000 : 0;
const NODES: readonly NodeId[] = IS_FULL ? [1, 2, 3, 4] : [1, 2, 3];

/** A run of one node on a computer. */
interface Run {
  readonly child: ChildProcess;
  readonly lines: readonly Line[];
  readonly ended: Promise<number | null>;
  /** Resolves with the first line that is meant, or undefined when the run has ended without. */
  until(isMeant: (line: Line) => boolean): Promise<Line | undefined>;
}

const skip = requirePostgres().missing || requireTools('faketime').missing;

describe.skipIf(skip)(
  'two computers with one board',
  () => {
    let server: PostgresServer;
    let site: Site;
    let board: VirtualBoard;
    let secretsKey: string;
    let shared: string;
    /** Between the computers and the board, and between the first one and the database. */
    let toBoard: Readonly<Record<Computer, Relay>>;
    let toDatabase: Relay;
    const runs: Run[] = [];
    const cleanup = new CleanupStack();

    beforeAll(async () => {
      [server, site, secretsKey] = await Promise.all([
        PostgresServer.start({ durable: true }), // it is killed: what it has said is done must be
        makeSite(),
        generateX25519Identity(),
      ]);
      cleanup.use('server', server);
      cleanup.use('site', site);
      board = await startVirtualBoard({
        dir: path.join(site.directory, 'board'),
        nodes: NODES.map(() => ({ board: 'rk1' as const })),
        clock: { scale: 100 },
        emmcSizeBytes: 80 << 20,
        emmcBytesPerSecond: 16 << 20,
        httpPort: 'off',
      });
      cleanup.use('board', board);
      const { port } = board.https;
      const relayFor = async (localAddress: string) =>
        cleanup.use('relay', await Relay.start(0, { host: '127.0.0.1', port, localAddress }));
      toBoard = { first: await relayFor(ADDRESSES.first), second: await relayFor(ADDRESSES.second) };
      const folder = path.join(site.directory, 'database');
      await mkdir(folder);
      toDatabase = await Relay.start(path.join(folder, '.s.PGSQL.5432'), { path: server.socket });
      cleanup.use('relay to the database', toDatabase);
      await writeFile(path.join(site.directory, 'clock'), '+30s');
      shared = path.join(site.directory, 'shared');
      await mkdir(shared);
      await site.configure(board, {
        artifacts: { directory: shared },
        state: { postgres: { url: { env: 'STATE_URL' } } },
        workflow: {
          baseImages: { ubuntu: baseImagePath('rk1-ubuntu.img.xz') },
          user: { name: 'admin', password: site.userPassword, sshKeys: [site.publicKey] },
          postInstall: [{ write: { path: '/etc/finished', content: 'yes\n' } }],
        },
      });
    });
    afterAll(async () => {
      for (const { child } of runs) child.kill('SIGKILL');
      await cleanup[Symbol.asyncDispose]();
    });

    const start = (
      host: Computer,
      nodes: NodeId | readonly NodeId[],
      { upTo, patient = false }: { readonly upTo?: 'image'; readonly patient?: boolean } = {},
    ): Run => {
      const isFirst = host === 'first';
      const url = isFirst
        ? `postgresql://postgres@localhost/postgres?host=${path.join(site.directory, 'database')}`
        : server.url();
      // Images are work of the processor, which keeps a busy computer from giving signs of life as often as here.
      const leases = upTo === undefined && !patient ? LEASES : undefined;
      const given = { host, nodes: [nodes].flat(), until: upTo, leases, boardPort: toBoard[host].port };
      const child = spawn(process.execPath, [CHILD, site.configFile, JSON.stringify(given)], {
        env: {
          ...process.env,
          ...(isFirst ? movingClock(path.join(site.directory, 'clock')) : {}),
          XDG_CACHE_HOME: path.join(site.directory, `home-of-${host}`),
          STATE_URL: url,
          TPI_SECRETS_KEY: secretsKey,
        },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const lines: Line[] = [];
      const ended = once(child, 'close').then(([code]) => code as number | null);
      const waiting = new Set<() => void>();
      createInterface({ input: child.stdout }).on('line', (text) => {
        lines.push(...jsonLines(text));
        for (const look of waiting) look();
      });
      const until = (isMeant: (line: Line) => boolean) =>
        new Promise<Line | undefined>((resolve) => {
          const look = () => {
            const found = lines.find(isMeant);
            if (found !== undefined) resolve(found);
          };
          waiting.add(look);
          look();
          void ended.then(() => resolve(lines.find(isMeant)));
        });
      const run = { child, lines, ended, until };
      runs.push(run);
      return run;
    };

    const flashes = (node: NodeId) =>
      board.accessLog.filter(({ target }) => `${target}&`.includes(`opt=set&type=flash&node=${node - 1}&`))
        .length;
    /** Waits until the board writes to the disk of a node, in a flash that was begun as the nth of this node. */
    const untilWriting = async (node: NodeId, { ended, lines }: Run, flash = 1) => {
      let hasEnded = false;
      void ended.then(() => (hasEnded = true));
      const isWriting = () => /Transferring.*bytes_written":\s*[1-9]/.test(board.transferStatus);
      while (flashes(node) < flash || !isWriting()) {
        expect(hasEnded, JSON.stringify(lines.slice(-3))).toBe(false);
        await sleep(10);
      }
    };
    /** How often a computer has changed something on the board; an upload belongs to what began it. */
    const changesBy = (computer: Computer) =>
      board.accessLog.filter(
        ({ peer, target }) => peer.includes(ADDRESSES[computer]) && target.includes('opt=set'),
      ).length;
    const openState = (host: string) =>
      openPostgresState({
        settings: postgresSettings.parse({ url: server.url(), secretsKey }),
        ...{ stateFile: '/tpi_state.json', baseDir: '/', environment: {}, logger: silentLogger, host },
      });
    const statusOf = async (node: NodeId) => {
      await using store = await openState('judge');
      const phases = (await store.load())[nodeName(node)];
      return [phases?.image_customization, phases?.os_installation, phases?.post_installation].map(
        (record) => record?.status,
      );
    };
    const said = ({ lines }: Run) =>
      JSON.stringify(lines.filter(({ event }) => String(event).includes('failed')).concat(lines.slice(-3)));
    const isBegun = ({ event, phase }: Line) => event === 'phase:started' && phase === 'os_installation';
    const DONE = ['completed', 'completed', 'completed'];

    /** The server is killed, and comes back. */
    const outage = async () => {
      await server.kill();
      await sleep(AWAY_MS);
      await server.begin();
    };
    const untilBegun = (run: Run, wanted: string) =>
      run.until(({ event, phase }) => event === 'phase:started' && phase === wanted);
    const sharedImages = async () =>
      (await readdir(shared, { recursive: true }))
        .filter((name) => /[0-9a-f]{64}\.age$/.test(name))
        .toSorted();

    it('one makes the images of all, and all find them; the server is away meanwhile', async () => {
      const first = start('first', NODES, { upTo: 'image' });
      await untilBegun(first, 'image_customization');
      await outage();
      expect(await first.ended, said(first)).toBe(0);
      expect(await statusOf(2)).toEqual(['completed', undefined, undefined]);
      const isMade = ({ event, phase }: Line) =>
        event === 'phase:completed' && phase === 'image_customization';
      expect(runs.flatMap(({ lines }) => lines.filter(isMade))).toHaveLength(NODES.length);
      expect(await sharedImages()).toHaveLength(NODES.length);
    });

    it('killed, or frozen for longer than its time: the next one goes on, and the one before changes nothing', async () => {
      const killed = start('first', 1);
      await untilWriting(1, killed);
      // The clock of the first is half a minute ahead: what is on record of its leases is by that of the server.
      const early = `select count(*) from turingpi.lease where (owner->>'started_at')::timestamptz > clock_timestamp()`;
      expect(await server.sql(early)).toBe('0');
      killed.child.kill('SIGKILL');
      const killedAt = Date.now();
      const next = start('second', 1);
      const taken = await next.until(isBegun);
      // Its last sign of life may be as old as a beat.
      expect(Date.parse(String(taken?.['at'])) - killedAt).toBeGreaterThan(
        LEASES.staleMs - 2 * LEASES.beatMs,
      );

      // The image that the first has made is taken from where both see it.
      expect(next.lines.filter(({ phase }) => phase === 'image_customization')).toContainEqual(
        expect.objectContaining({ event: 'phase:skipped' }),
      );
      expect(await next.ended, said(next)).toBe(0);
      expect(await statusOf(1)).toEqual(DONE);

      const frozen = start('second', 3);
      await untilWriting(3, frozen);
      frozen.child.kill('SIGSTOP');
      const last = start('first', 3);
      expect(await last.ended, said(last)).toBe(0);
      const changes = changesBy('second');
      const lines = frozen.lines.length;
      frozen.child.kill('SIGCONT');
      expect(await frozen.ended, said(frozen)).not.toBe(0);
      expect(changesBy('second') - changes).toBeLessThanOrEqual(1); // what it was about to send
      expect(frozen.lines.slice(lines).map(({ event }) => event)).not.toContain('phase:completed');
      expect(await statusOf(3)).toEqual(DONE);
    });

    it('one waits for the board and says for whom; the server may be away while it is flashed, and finished', async () => {
      const resource = await server.sql("select resource from turingpi.lease where resource like 'slot %'");
      await using other = await openState('another');
      const slot = await other.acquire(resource, { signal: new AbortController().signal, wait: true });
      const first = start('first', 2, { patient: true });
      const waiting = await first.until((line) => JSON.stringify(line).includes('waiting for the board'));
      expect(JSON.stringify(waiting), said(first)).toMatch(
        /is held by process \d+ on another \(since \d{4}-\S+Z\)/,
      );
      await slot[Symbol.asyncDispose]();
      await untilWriting(2, first);
      await outage();
      await untilBegun(first, 'post_installation');
      await outage();
      expect(await first.ended, said(first)).toBe(0);
      expect(flashes(2)).toBe(1);
      expect(await statusOf(2)).toEqual(DONE);
      const started = first.lines.filter(({ event }) => event === 'phase:started').map(({ phase }) => phase);
      expect(started).toEqual(['os_installation', 'post_installation']);
      const actions = first.lines.filter(({ event }) => event === 'action:completed');
      await using store = await openState('judge');
      expect(await store.journal('Node2', 'post_installation')).toHaveLength(actions.length);
      const erased = (await store.papers?.log('erasures').read())?.map((line) => JSON.parse(line) as Line);
      expect(new Set(erased?.map(({ node }) => node))).toEqual(new Set([1, 2, 3]));
    });

    it.runIf(IS_FULL)(
      'cut from the database for longer than its time, one stops before another one goes on',
      async () => {
        const first = start('first', 4);
        await untilWriting(4, first);
        toDatabase.cut();
        const second = start('second', 4);
        await sleep(LEASES.staleMs); // before it is over nobody else begins, and afterwards the first changes nothing
        const changes = changesBy('first');
        expect(await second.ended, said(second)).toBe(0);
        expect(await first.ended).not.toBe(0);
        // It holds two things, the phase and the slot of the board, and misses either first.
        const lost = expect.stringMatching(/^(?:PHASE_ALREADY_RUNNING|STATE_LEASE_LOST)$/) as string;
        expect(first.lines).toContainEqual(expect.objectContaining({ event: 'phase:failed', code: lost }));
        expect(changesBy('first')).toBe(changes);
        expect(await statusOf(4)).toEqual(DONE);
      },
    );

    it('a computer that was never there finds nothing to do, and makes no image', async () => {
      const cacheDir = path.join(site.directory, 'cache-of-fourth');
      const plugins = ['state-postgres', 'artifacts'].map((name) =>
        path.resolve(import.meta.dirname, '../../../packages', name),
      );
      const file = path.join(site.directory, 'fourth.yaml');
      const config = await readFile(site.configFile, 'utf8');
      await writeFile(file, stringify({ ...(parse(config) as object), cacheDir, plugins }));
      const env = { XDG_CACHE_HOME: cacheDir, STATE_URL: server.url(), TPI_SECRETS_KEY: secretsKey };
      const { exitCode, stdout, stderr } = await runCli(['plan', '-c', file], { env });
      expect(exitCode, stdout + stderr).toBe(0); // 6: there are changes
      expect(await sharedImages()).toHaveLength(NODES.length); // nobody has made another one
      const listed = await runCli(['run', 'list', '--json', '-c', file], { env });
      const { runs: known } = JSON.parse(listed.stdout) as { readonly runs: readonly Line[] };
      expect(known, listed.stderr).toHaveLength(runs.length); // all of other computers
      expect(known.filter(({ outcome }) => outcome === 'completed').length).toBeGreaterThanOrEqual(3);
      const files = await readdir(cacheDir, { recursive: true });
      expect(files.filter((name) => /\.img|secrets/.test(name))).toEqual([]);
    });
  },
  240_000,
);
