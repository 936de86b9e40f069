import { execFile } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { createLogger, Node1, Node2, Node3 } from '@turingpi/core';
import type { NodeId } from '@turingpi/foundation';
import ubuntu from '@turingpi/os-ubuntu';
import provisioning, {
  connectNode,
  createDeclaredTuringPi,
  declarativeHooks,
  declarativeWorkflow,
} from '@turingpi/provisioning';
import { baseImagePath } from '@turingpi/virtual-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { makeSite, type Site } from '../support/site/site.js';
import { DEBIAN_MISSING, DEBIAN_NEEDS, DEBIAN_PACKAGES, debianRoot } from '../../packages/linux/src/post-install/debian-root.fixture.js';
import { NamespaceLab } from './namespace-lab.js';

const run = promisify(execFile);
const RECIPE = path.resolve(import.meta.dirname, '../../examples/recipes/etcd.yaml');
const TOKEN = 'token-of-the-cluster-8c1f';

if (DEBIAN_MISSING.length > 0 && process.env['CI'] === 'true')
  throw new Error(`missing: ${DEBIAN_MISSING.join(', ')}`);

describe.skipIf(DEBIAN_MISSING.length > 0)(`the etcd recipe on three nodes (${DEBIAN_NEEDS})`, () => {
  let site: Site;
  let lab: NamespaceLab;
  const log: string[] = [];
  beforeAll(async () => {
    site = await makeSite();
    lab = await NamespaceLab.make(await debianRoot(DEBIAN_PACKAGES), site.publicKey);
    await mkdir(site.cacheDir);
  }, 300_000);
  afterAll(async () => {
    await lab[Symbol.asyncDispose]();
    await site[Symbol.asyncDispose]();
  });

  /** The recipe as it is, with addresses and images of here. */
  const cluster = async () => {
    const text = (await readFile(RECIPE, 'utf8')).replaceAll('192.168.1.', `${lab.addresses}.`);
    const { workflow, ...config } = parse(text) as { readonly workflow: { readonly user: object } };
    return createDeclaredTuringPi(
      {
        ...config,
        cacheDir: site.cacheDir,
        bmc: {},
        ssh: { privateKey: { file: site.privateKeyFile } },
        plugins: [provisioning, ubuntu, lab.plugin],
        workflow: {
          ...workflow,
          baseImages: { ubuntu: baseImagePath('rk1-ubuntu.img.xz') },
          user: { ...workflow.user, sshKeys: [site.publicKey] },
        },
      } as never,
      {
        approve: 'all',
        baseDir: path.dirname(RECIPE),
        environment: { ETCD_TOKEN: TOKEN },
        logger: createLogger({
          level: 'debug',
          destination: { write: (line: string) => void log.push(line) },
        }),
      },
    );
  };
  const reach = async (reinstall: readonly NodeId[] = []) => {
    await using board = await cluster();
    const place = { source: RECIPE, environment: { ETCD_TOKEN: TOKEN } };
    const summary = await board.runAll(board.run(declarativeWorkflow(board, place)), {
      reinstall,
      hooks: declarativeHooks(board, place),
    });
    expect(summary.nodes.map(({ error }) => error).filter((error) => error !== undefined)).toEqual([]);
    return summary;
  };
  const on = async (node: NodeId, ...command: readonly string[]) => {
    await using board = await cluster();
    return board.visit(node, async (context) => {
      await using session = await connectNode(context);
      return (await session.exec(command, { sudo: true })).stdout;
    });
  };
  const etcdctl = (node: NodeId, ...words: readonly string[]) =>
    on(node, 'env', 'ETCDCTL_API=3', 'etcdctl', ...words);
  const health = async () => {
    const said = await etcdctl(Node1, 'endpoint', 'health', '--cluster', '--write-out=json');
    return (JSON.parse(said) as { readonly health: boolean }[]).map((one) => one.health);
  };
  const members = async () =>
    (await etcdctl(Node1, 'member', 'list'))
      .trim()
      .split('\n')
      .map((line) => line.split(', ').slice(0, 3));

  it('makes a cluster, and a member that is reinstalled comes back to it', { timeout: 240_000 }, async () => {
    const made = await reach();
    expect(made.completed).toBe(true);
    expect(await health()).toEqual([true, true, true]);
    const before = await members();
    expect(before.map(([, state, name]) => [name, state]).sort()).toEqual([
      ['etcd-1', 'started'],
      ['etcd-2', 'started'],
      ['etcd-3', 'started'],
    ]);
    await etcdctl(Node2, 'put', 'kept', 'since the beginning');

    await reach([Node3]);
    expect(Object.fromEntries(lab.installations)).toEqual({ 1: 1, 2: 1, 3: 2 });
    expect(await health()).toEqual([true, true, true]);
    const after = await members();
    const idOf = (list: typeof before, name: string) => list.find((one) => one[2] === name)?.[0];
    expect(after).toHaveLength(3);
    expect(idOf(after, 'etcd-1')).toBe(idOf(before, 'etcd-1'));
    expect(idOf(after, 'etcd-3')).not.toBe(idOf(before, 'etcd-3')); // another member of the same name
    expect(await etcdctl(Node3, 'get', 'kept', '--print-value-only')).toBe('since the beginning\n');

    // Nothing is done again, and the token is on the nodes alone.
    const again = await reach();
    expect(again.nodes.map(({ phases }) => phases.post_installation.outcome)).toEqual([
      'skipped',
      'skipped',
      'skipped',
    ]);
    expect(await on(Node3, 'stat', '-c', '%a', '/etc/etcd-member.env', '/etc/default/etcd')).toBe(
      '600\n600\n',
    );
    expect(await on(Node3, 'cat', '/etc/etcd-member.env')).toContain(TOKEN);
    expect(log.join('')).not.toContain(TOKEN);
    const found = await run('grep', ['-rl', TOKEN, site.directory]).catch(
      ({ stdout }: { stdout: string }) => ({ stdout }),
    );
    expect(found.stdout).toBe('');
    const processes = await on(Node3, 'sh', '-c', 'cat /proc/[0-9]*/cmdline | tr "\\0" " "');
    expect(processes).toContain('/usr/bin/etcd');
    expect(processes).not.toContain(TOKEN);
  });

  it('a hung command is ended on the node when it is stopped here', { timeout: 60_000 }, async () => {
    await using board = await cluster();
    const stop = new AbortController();
    const hung = board.visit(
      Node1,
      async (context) => {
        await using session = await connectNode(context);
        await session.exec('echo begun; sleep 4711', {
          signal: context.signal,
          onOutput: () => stop.abort(new Error('stopped')),
        });
      },
      { signal: stop.signal },
    );
    await expect(hung).rejects.toThrow('stopped');
    expect(await on(Node1, 'sh', '-c', 'pgrep -fx "sleep 4711" || echo gone')).toBe('gone\n');
  });
});
