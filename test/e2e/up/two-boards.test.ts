import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ClusterPlan } from '@turingpi/core';
import { startVirtualBoard, type VirtualBoard } from '@turingpi/virtual-board';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { jsonLines, runCli } from '../../support/site/run-cli.js';
import { makeSite, type Site, type SiteBoard, usualWorkflow } from '../../support/site/site.js';

/*
 * Two boards in one file: what is planned for both is approved and run as one run, each board flashes by itself, and a
 * node is named with its board. The steps build on each other.
 */
let site: Site;
let shelf: VirtualBoard;
let rack: VirtualBoard;

const turingpi = (...words: string[]) => runCli([...words, '-c', site.configFile]);
const errorIn = (stdout: string) => jsonLines(stdout).find(({ event }) => event === 'error');
const placeOf = ({ board, nodeId }: Record<string, unknown>) => `${String(board)}/${String(nodeId)}`;
const outcomesIn = (stdout: string) =>
  (jsonLines(stdout).find(({ event }) => event === 'summary')?.['nodes'] as Record<string, unknown>[]).map(
    (node) => `${placeOf(node)} ${String(node['outcome'])}`,
  );

function boardConfig(board: SiteBoard, network: string) {
  const { https, publicKeyPin, nodes } = board;
  return {
    ip: https.host,
    bmc: { port: https.port, publicKeyPin },
    network: { gateway: `${network}.1` },
    ...Object.fromEntries(
      nodes
        .filter((node) => node.board !== undefined)
        .map(({ id, ssh }) => [
          `node${id}`,
          { ip: `${network}.${100 + id}`, board: 'rk1', os: 'ubuntu', ssh },
        ]),
    ),
  };
}

async function configure(changes: Readonly<Record<string, unknown>> = {}): Promise<void> {
  await writeFile(
    site.configFile,
    stringify({
      cacheDir: './cache',
      bmc: { password: 'turing' },
      ssh: { privateKey: { file: './id_ed25519' } },
      boards: { shelf: boardConfig(shelf, '192.168.1'), rack: boardConfig(rack, '192.168.2') },
      workflow: { ...usualWorkflow(site.publicKey, site.userPassword), ...changes },
    }),
  );
}

beforeAll(async () => {
  site = await makeSite();
  const start = (name: string, nodes: number) =>
    startVirtualBoard({
      dir: path.join(site.directory, name),
      nodes: Array.from({ length: nodes }, () => ({ board: 'rk1' as const })),
      clock: { scale: 20 },
      httpPort: 'off',
    });
  [shelf, rack] = await Promise.all([start('shelf', 2), start('rack', 1)]);
  await configure();
}, 60_000);
afterAll(async () => {
  await shelf[Symbol.asyncDispose]();
  await rack[Symbol.asyncDispose]();
  await site[Symbol.asyncDispose]();
});

test(
  'what is approved for both boards is run as one run, and each flashes by itself',
  { timeout: 180_000 },
  async () => {
    const file = path.join(site.directory, 'plan.json');
    const planned = await turingpi('plan', '--json', '-o', file);
    expect(planned.exitCode).toBe(6);
    const { boards, changes } = JSON.parse(planned.stdout) as {
      readonly boards: readonly { readonly board: string; readonly plan: ClusterPlan }[];
      readonly changes: boolean;
    };
    expect(changes).toBe(true);
    expect(boards.map(({ board, plan }) => [board, plan.nodes.map(({ hostname }) => hostname)])).toEqual([
      ['shelf', ['shelf-node1', 'shelf-node2']],
      ['rack', ['rack-node1']],
    ]);

    const { exitCode, stdout } = await turingpi('up', '--json', '--plan', file);
    expect(outcomesIn(stdout)).toEqual(['shelf/1 completed', 'shelf/2 completed', 'rack/1 completed']);
    expect(exitCode).toBe(0);

    const slots = jsonLines(stdout).filter(({ resource }) => resource === 'slot');
    const held = new Set<unknown>();
    let most = 0;
    for (const { event, board } of slots) {
      if (event === 'resource:acquired') held.add(board);
      else held.delete(board);
      most = Math.max(most, held.size);
    }
    expect(most).toBe(2);
    for (const board of [shelf, rack]) {
      expect(board.findings).toEqual([]);
      expect(board.accessLog.some(({ target }) => target.includes('type=flash'))).toBe(true);
    }

    const runs = JSON.parse((await turingpi('run', 'list', '--json')).stdout) as {
      runs: Record<string, unknown>[];
    };
    expect(
      runs.runs.map(({ outcome, boards: of }) => [
        outcome,
        (of as { name: string }[]).map(({ name }) => name),
      ]),
    ).toEqual([['completed', ['shelf', 'rack']]]);
  },
);

test('both are asked whether they stand, and nothing is done again', { timeout: 60_000 }, async () => {
  const plan = await turingpi('plan');
  expect(plan.stdout).toContain('board shelf\n');
  expect(plan.exitCode).toBe(0);
  const { exitCode, stdout } = await turingpi('up');
  expect(exitCode).toBe(0);
  expect(stdout).toContain('rack/Node1 rack-node1: install skipped');
  const { boards } = JSON.parse((await turingpi('status', '--json')).stdout) as {
    readonly boards: readonly { readonly board: string; readonly nodes: Record<string, unknown> }[];
  };
  expect(boards.map(({ board, nodes }) => [board, Object.keys(nodes)])).toEqual([
    ['shelf', ['Node1', 'Node2']],
    ['rack', ['Node1']],
  ]);
});

test(
  'a node is named with its board, a board alone is all of it, and a number alone says too little',
  { timeout: 60_000 },
  async () => {
    const one = await turingpi('up', '--json', '--offline', '--node', 'shelf/2,rack');
    expect(outcomesIn(one.stdout)).toEqual(['shelf/2 completed', 'rack/1 completed']);
    for (const words of [
      ['up', '--node', '1'],
      ['up', '--node', 'attic/1'],
      ['up', '--erase', 'shelf/3'],
      ['up', '--erase', 'attic'],
      ['node', 'power', 'status'],
      ['node', 'power', 'off', '--node', '1'],
      ['node', 'power', 'off', '--node', 'shelf/1,rack/1'],
      ['node', 'power', 'off', '--node', 'shelf/1', '--board', 'rack'],
      ['node', 'power', 'status', '--board', 'attic'],
      ['state', 'show'],
    ]) {
      const { exitCode, stdout, stderr } = await turingpi(...words, '--json');
      expect({ words, exitCode }).toEqual({ words, exitCode: 2 });
      const error = errorIn(stdout);
      if (error !== undefined) expect(error['code']).toBe('USAGE');
      else expect(stderr).toContain('error:');
    }
    const power = await turingpi('node', 'power', 'off', '--hard', '--json', '--node', 'rack/1');
    expect(power.exitCode).toBe(0);
    expect([shelf.nodes[0]?.powered, rack.nodes[0]?.powered]).toEqual([true, false]);
    expect((await turingpi('node', 'power', 'on', '--json', '--node', 'rack/1')).exitCode).toBe(0);
    expect((await turingpi('state', 'journal', 'shelf/1')).stdout).toContain('shelf-node1');
  },
);

test('what one board needs is told with its name, and the other goes on', { timeout: 60_000 }, async () => {
  await configure({ network: { mtu: 1400 } }); // what is not changed on a node as it runs
  const { exitCode, stdout } = await turingpi('up', '--json', '--offline', '--node', 'shelf/1');
  expect(exitCode).toBe(6);
  const blocked = jsonLines(stdout).find(({ event }) => event === 'node:blocked');
  expect(blocked).toMatchObject({ board: 'shelf', code: 'NEEDS_REINSTALL' });
  expect(blocked?.['hint']).toContain('`turingpi reinstall shelf/1`');
  await configure();
  await rack[Symbol.asyncDispose]();
  const text = await readFile(site.configFile, 'utf8');
  await writeFile(site.configFile, text.replace('ip: 192.168.2.101', 'ip: 192.168.2.102'));
  const both = await turingpi('up', '--json');
  expect(outcomesIn(both.stdout)).toEqual(['shelf/1 completed', 'shelf/2 completed', 'rack/1 blocked']);
});

test('the example of the documentation lacks nothing but its image', { timeout: 60_000 }, async () => {
  const example = path.resolve(import.meta.dirname, '../../../examples/several-boards.yaml');
  const env = { BOARD_PASSWORD: 'turing', RACK_PASSWORD: 'turing' };
  const { stdout } = await runCli(['plan', '--offline', '--json', '-c', example], { env });
  const issues = errorIn(stdout)?.['issues'] as readonly { readonly key: string }[];
  expect(issues.map(({ key }) => key)).toEqual(['workflow.baseImages.ubuntu']);
});

test('one physical board is not taken for two', { timeout: 60_000 }, async () => {
  const text = await readFile(site.configFile, 'utf8');
  const port = (board: VirtualBoard) => `port: ${board.https.port}`;
  await writeFile(
    site.configFile,
    text
      .replace(port(rack), port(shelf))
      .replace(rack.publicKeyPin, shelf.publicKeyPin)
      .replace(/( {2}rack:\n {4}ip: )127\.0\.0\.1/, '$1localhost'),
  );
  const { exitCode, stdout } = await turingpi('up', '--json');
  expect(exitCode).not.toBe(0);
  expect(stdout).toMatch(/BOARD_NAMED_TWICE|STATE_OTHER_BOARD|BOARD_CHANGED/);
});
