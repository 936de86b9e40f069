import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import os from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type ClusterSummary, Node1, Node2, type TuringPi } from '@turingpi/core';
import { definePlugin } from '@turingpi/core/plugin';
import type { NodeId } from '@turingpi/foundation';
import ubuntu from '@turingpi/os-ubuntu';
import provisioning, {
  connectNode,
  createDeclaredTuringPi,
  declarativeWorkflow,
  driftOfNode,
  inventoryNode,
  NETWORK_LIMITS,
  renderInventory,
} from '@turingpi/provisioning';
import { baseImagePath } from '@turingpi/virtual-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { jsonLines, runCli } from '../support/site/run-cli.js';
import { makeSite, type Site } from '../support/site/site.js';
import {
  DEBIAN_MISSING,
  DEBIAN_NEEDS,
  DEBIAN_PACKAGES,
  debianRoot,
} from '../../packages/linux/src/post-install/debian-root.fixture.js';
import { NamespaceLab } from './namespace-lab.js';
import { type ApartEvent, runApart } from './run-apart.js';

const run = promisify(execFile);
const CHANGES = '/var/lib/turingpi/network';

/** When a run is killed: so long after it has said that. A node takes a network after a second, on its own. */
const MOMENTS = [
  { note: ' → ', delayMs: 0 },
  { note: ' → ', delayMs: 300 },
  { note: 'waits until it answers', delayMs: 0 },
  { note: 'waits until it answers', delayMs: 1000 },
  { note: 'waits until it answers', delayMs: 1500 },
  { note: 'waits until it answers', delayMs: 2500 },
  { note: 'waits until it answers', delayMs: 4000 },
] as const;
const KILLS =
  process.env['CLUSTER'] === 'all' ? MOMENTS : [MOMENTS[Math.floor(Math.random() * MOMENTS.length)]!];

if (DEBIAN_MISSING.length > 0 && process.env['CI'] === 'true')
  throw new Error(`missing: ${DEBIAN_MISSING.join(', ')}`);

/* Real nodes: systemd, networkd and netplan as a Debian has them, and its SSH server. The tests build on each other. */
describe.skipIf(DEBIAN_MISSING.length > 0)(`addresses that change (${DEBIAN_NEEDS})`, () => {
  let site: Site;
  let lab: NamespaceLab;
  /** The last number of each node's address, as the configuration has it. */
  const wanted: Record<1 | 2, number> = { 1: 101, 2: 102 };
  let dnsServers: readonly string[] = [];
  beforeAll(async () => {
    site = await makeSite();
    lab = await NamespaceLab.make(await debianRoot(DEBIAN_PACKAGES), site.publicKey, true);
    await mkdir(site.cacheDir);
    dnsServers = [at(1)];
    expect(failuresOf((await up()).summary)).toEqual([]);
  }, 300_000);
  afterAll(async () => {
    await lab[Symbol.asyncDispose]();
    await site[Symbol.asyncDispose]();
  });

  const at = (host: number) => `${lab.addresses}.${host}`;
  /**
   * This computer may believe for some twenty seconds that an address is still where it was. A test waits for the end of
   * the second one where a node cannot be reached.
   */
  const limits = { answerMs: 30_000, revertAfterMs: 35_000 };
  const config = () => {
    const node = (id: 1 | 2) => ({ ip: at(wanted[id]), board: 'rk1', os: 'ubuntu', hostname: `lab-${id}` });
    return {
      ...{ ip: '127.0.0.1', cacheDir: site.cacheDir, bmc: {} },
      ...{ node1: node(1), node2: node(2), network: { gateway: at(1), dnsServers } },
      ssh: { privateKey: { file: site.privateKeyFile } },
      workflow: {
        baseImages: { ubuntu: baseImagePath('rk1-ubuntu.img.xz') },
        user: { name: 'admin', sshKeys: [site.publicKey] },
      },
    };
  };
  const cluster = () => {
    const quick = definePlugin({ name: 'quick', services: [{ token: NETWORK_LIMITS, useValue: limits }] });
    const plugins = [quick, provisioning, ubuntu, lab.plugin]; // the first one's limits are taken
    return createDeclaredTuringPi({ ...config(), plugins } as never, { approve: 'new' });
  };
  const withBoard = async <T>(work: (board: TuringPi) => Promise<T>) => {
    await using board = await cluster();
    return await work(board);
  };
  /** @param onNetwork - told what is going on with networks; what it throws stops the run, as Ctrl-C does */
  const up = (nodes?: readonly NodeId[], onNetwork?: (note: string) => Promise<void> | void) =>
    withBoard(async (board) => {
      const stop = new AbortController();
      board.subscribe((event) => {
        if (event.type !== 'phase:progress' || event.progress.activity !== 'network') return;
        void Promise.resolve(event.progress.note ?? '')
          .then((note) => onNetwork?.(note))
          .catch((error: unknown) => stop.abort(error));
      });
      const options = { signal: stop.signal, ...(nodes === undefined ? {} : { nodes }) };
      const summary = await board.runAll(board.run(declarativeWorkflow(board, { environment: {} })), options);
      return { summary };
    });
  const failuresOf = ({ nodes }: ClusterSummary) =>
    nodes.flatMap(({ error }) => (error === undefined ? [] : [error as { readonly code?: string }]));
  /** As what is on record: the address, and what was changed in place. */
  const recordOf = (id: NodeId) =>
    withBoard(async (board) => {
      const record = (await board.status()).get(id)?.os_installation;
      return { ipAddress: (record?.output as { ipAddress?: string }).ipAddress, tried: record?.tried };
    });
  const addressesOf = async (id: NodeId) => {
    const said = await lab.node(id).says('ip', '-o', '-4', 'addr', 'show', 'dev', 'eth0', 'scope', 'global');
    return [...said.matchAll(/inet ([\d.]+)/g)].map(([, address]) => address);
  };
  const on = (id: NodeId, ...command: readonly string[]) =>
    withBoard((board) =>
      board.visit(id, async (context) => {
        await using session = await connectNode(context);
        return (await session.exec(command, { sudo: true })).stdout;
      }),
    );
  /** What a change has left on a node: nothing but its program. */
  const leftovers = async (id: NodeId) =>
    lab
      .node(id)
      .says(...['sh', '-c', `cd ${CHANGES} && ls -d *-* /etc/systemd/system/turingpi-network* || echo none`]);
  const until = async (isSo: () => Promise<boolean>) => {
    while (!(await isSo().catch(() => false))) await sleep(100);
  };

  it('is given while it runs, and stays', { timeout: 120_000 }, async () => {
    wanted[1] = 111;
    dnsServers = [at(1), at(2)];
    const plan = await withBoard((board) => board.plan(declarativeWorkflow(board, { environment: {} })));
    const [, installation] = plan.nodes[0]?.phases ?? [];
    expect(installation).toMatchObject({ decision: 'run', takesEffect: 'in place', power: false });
    expect(installation?.changes).toMatchObject([
      { name: 'network.address', before: `${at(101)}/24`, after: `${at(111)}/24`, takesEffect: 'in place' },
      { name: 'network.dnsServers', takesEffect: 'in place' },
    ]);
    const { summary } = await up([Node1]);
    expect(failuresOf(summary)).toEqual([]);
    expect(await addressesOf(Node1)).toEqual([at(111)]);
    expect(await recordOf(Node1)).toEqual({ ipAddress: at(111), tried: undefined });
    expect(await on(Node1, 'cat', '/etc/netplan/60-turingpi.yaml')).toContain(`- ${at(2)}`);
    expect(await leftovers(Node1)).toBe('none\n');
    expect(lab.installations.get(Node1)).toBe(1);
    const knownHosts = await withBoard(async (board) => {
      const { node, installed } = (await board.installedNode(Node1))!;
      return renderInventory('known-hosts', [inventoryNode(node, installed, {})], { knownHostsFile: '' });
    });
    expect(knownHosts).toContain(`lab-1,${at(111)} ssh-ed25519 `);

    await lab.node(Node1).powerCut();
    await until(async () => (await addressesOf(Node1)).length > 0);
    expect(await addressesOf(Node1)).toEqual([at(111)]);
  });

  it('that somebody has changed by hand is found by drift', { timeout: 60_000 }, async () => {
    const network = async () => {
      const parts = await withBoard((board) =>
        board.visit(Node1, (context) => driftOfNode(context, [], '/')),
      );
      return parts.filter(({ action }) => action === 'network');
    };
    expect(await network()).toMatchObject([{ state: 'unchanged', note: `${at(111)}/24` }]);
    const file = '/etc/netplan/60-turingpi.yaml';
    await on(Node1, 'sed', '-i.before', `s/${at(111)}/${at(99)}/`, file);
    const [part, ...others] = await network();
    expect(others).toEqual([]);
    expect(part).toMatchObject({ kind: 'setting', state: 'would change', note: file });
    expect(part?.diff).toMatch(new RegExp(`^-.*${at(99)}/24[^]*^\\+.*${at(111)}/24`, 'm'));
    await on(Node1, 'mv', `${file}.before`, file);
    expect(await network()).toMatchObject([{ state: 'unchanged' }]);
    expect(await leftovers(Node1)).toBe('none\n');
  });

  it('is where commands find a node, and what it is made of', { timeout: 60_000 }, async () => {
    const file = `${site.directory}/turingpi.yaml`;
    await writeFile(file, stringify(config()));
    const { exitCode, stdout, stderr } = await runCli(['node', 'facts', '1', '--json', '-c', file]);
    expect(exitCode, stderr).toBe(0);
    expect(jsonLines(stdout)[0]).toMatchObject({
      node: 1,
      facts: {
        ...{ hostname: 'lab-1', os: { id: 'debian', name: expect.stringContaining('Debian') as string } },
        cpuCount: os.cpus().length,
        memoryBytes: expect.any(Number) as number,
        interfaces: expect.arrayContaining([
          expect.objectContaining({
            name: 'eth0',
            addresses: expect.arrayContaining([`${at(111)}/24`]) as unknown,
          }),
        ]) as unknown,
      },
    });
    const shown = await runCli(['node', 'facts', '1', '-c', file]);
    expect(shown.stdout).toMatch(/^Node1 +lab-1 +Debian/m);
  });

  it('of two nodes are swapped, and one of them alone is left as it is', { timeout: 180_000 }, async () => {
    [wanted[1], wanted[2]] = [102, 111];
    const alone = failuresOf((await up([Node1])).summary);
    expect(alone).toMatchObject([
      { code: 'ADDRESS_IN_USE', message: expect.stringContaining('node 2') as string },
    ]);
    expect(await addressesOf(Node1)).toEqual([at(111)]);
    dnsServers = [at(1), at(2)];
    const { summary } = await up();
    expect(failuresOf(summary)).toEqual([]);
    expect([await addressesOf(Node1), await addressesOf(Node2)]).toEqual([[at(102)], [at(111)]]);
    expect([(await recordOf(Node1)).ipAddress, (await recordOf(Node2)).ipAddress]).toEqual([
      at(102),
      at(111),
    ]);
    expect(await on(Node1, 'hostname')).toBe('lab-1\n');
    expect(await leftovers(Node1)).toBe('none\n');
  });

  it('that a stranger has are not taken', { timeout: 120_000 }, async () => {
    wanted[1] = 120;
    const stranger = spawn('unshare', ['--net', 'sh', '-c', 'ip link set lo up; echo; exec sleep infinity'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      await once(stranger.stdout, 'data');
      await lab.plugIn(stranger.pid!, at(120));
      expect(failuresOf((await up([Node1])).summary)).toMatchObject([{ code: 'ADDRESS_IN_USE' }]);
    } finally {
      stranger.kill('SIGKILL');
    }
    expect(await addressesOf(Node1)).toEqual([at(102)]);
    expect(await on(Node1, 'hostname')).toBe('lab-1\n'); // it is found where it is
  });

  describe('at which a node is not reached', () => {
    beforeAll(() => void (wanted[1] = 130));
    /** This computer does not reach it, as it would a node on another wire. */
    const cut = () => run('ip', ['route', 'add', 'unreachable', `${at(130)}/32`]);
    const mend = () => run('ip', ['route', 'del', 'unreachable', `${at(130)}/32`]);
    const isTaken = async () => (await addressesOf(Node1))[0] === at(130);

    it('are given up: the node goes back by itself', { timeout: 180_000 }, async () => {
      await cut();
      try {
        const [error] = failuresOf((await up([Node1])).summary);
        expect(error).toMatchObject({
          code: 'NETWORK_REVERTED',
          message: expect.stringContaining(`answers at ${at(102)}`) as string,
        });
      } finally {
        await mend();
      }
      expect(await addressesOf(Node1)).toEqual([at(102)]);
      expect(await leftovers(Node1)).toBe('none\n');
      expect(await recordOf(Node1)).toMatchObject({
        ipAddress: at(102),
        tried: expect.anything() as unknown,
      });
    });

    it('are given up when it is restarted before anybody has confirmed', { timeout: 180_000 }, async () => {
      await cut();
      try {
        let isCut = false;
        const { summary } = await up([Node1], async (note) => {
          if (isCut || !note.includes('waits until it answers')) return;
          isCut = true;
          await until(isTaken);
          await lab.node(Node1).powerCut();
        });
        expect(failuresOf(summary)).toMatchObject([{ code: 'NETWORK_REVERTED' }]);
      } finally {
        await mend();
      }
      expect(await addressesOf(Node1)).toEqual([at(102)]);
      expect(await leftovers(Node1)).toBe('none\n');
    });
  });

  it(
    'are given by the next run, when the one before was stopped on its way',
    { timeout: 300_000 },
    async () => {
      wanted[1] = 140;
      const stopped = await up([Node1], (note) => {
        if (note.includes('waits until it answers')) throw new Error('stopped');
      });
      expect(stopped.summary.nodes[0]?.outcome).toBe('aborted');
      expect(failuresOf((await up([Node1])).summary)).toEqual([]);
      expect(await addressesOf(Node1)).toEqual([at(140)]);
      expect(await leftovers(Node1)).toBe('none\n');
    },
  );

  it.for(KILLS)(
    'are given by the next run, when the one before was killed $delayMs ms after $note',
    { timeout: 240_000 },
    async ({ note, delayMs }) => {
      wanted[1] = 150 + KILLS.findIndex((kill) => kill.note === note && kill.delayMs === delayMs);
      const file = `${site.directory}/run.json`;
      const nodes = { ...config(), node2: undefined };
      const isMeant = ({ event, progress }: ApartEvent) =>
        event === 'phase:progress' &&
        progress?.activity === 'network' &&
        progress.note?.includes(note) === true;
      let timer: NodeJS.Timeout | undefined;
      await runApart(file, { config: nodes, limits }, (event, kill) => {
        if (isMeant(event)) timer ??= setTimeout(kill, delayMs);
      });
      clearTimeout(timer);
      expect(timer, 'it was not killed').toBeDefined();
      const next = await runApart(file, { config: nodes, limits });
      expect(next.exitCode, next.said).toBe(0);
      expect(await addressesOf(Node1)).toEqual([at(wanted[1])]);
      expect(await recordOf(Node1)).toEqual({ ipAddress: at(wanted[1]), tried: undefined });
      expect(await leftovers(Node1)).toBe('none\n');
      expect(lab.installations.get(Node1)).toBe(1);
    },
  );

  it('are kept or given up, and never both', { timeout: 120_000 }, async () => {
    // At first who keeps comes before who takes back, in the end after, and in between at once.
    const race = [
      `cd ${CHANGES}; for i in 0 1 2 3 4 5 6 7 8 9; do mkdir -p pending-$i/old; : >pending-$i/paths; : >pending-$i/taken`,
      '(sleep 0.0$i; sh change.sh keep $i; echo $? >code) & (sleep 0.0$((9 - i)); sh change.sh revert) & wait',
      'case $(cat code) in 0) test "$(cat kept)" = $i || echo wrong;; 4) test "$(cat kept)" != $i || echo wrong;; *) echo wrong;; esac',
      'ls -d *-* 2>/dev/null; cat code; done',
    ].join('\n');
    const ends = (await on(Node1, 'sh', '-c', race)).trim().split('\n');
    expect(ends).toHaveLength(10);
    expect([...new Set(ends)].sort()).toEqual(['0', '4']);
  });
});
