import { readFile, rm, writeFile } from 'node:fs/promises';
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
      ['state', 'journal', '1'],
      ['state', 'forget', '1', '--yes'],
      ['state', 'show', '1'],
      ['state', 'verify', '--board', 'attic'],
      ['adopt', '1'],
      ['adopt', 'shelf/1', '--board', 'rack'],
      ['rehearse', '--node', '1'],
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

test('what is on record of both is shown, checked and taken elsewhere in one file', async () => {
  interface Shown {
    readonly boards: readonly {
      readonly name: string;
      readonly nodes?: object;
      readonly problems?: number;
    }[];
  }
  const shown = async (...words: string[]) =>
    (JSON.parse((await turingpi('state', ...words, '--json')).stdout) as Shown).boards;
  const nodesOf = (boards: Shown['boards']) =>
    boards.map(({ name, nodes = {} }) => `${name}: ${Object.keys(nodes).join(', ')}`);
  expect(nodesOf(await shown('show'))).toEqual(['shelf: Node1, Node2', 'rack: Node1']);
  expect(nodesOf(await shown('show', 'shelf/2'))).toEqual(['shelf: Node2']);
  expect(nodesOf(await shown('show', '--board', 'rack'))).toEqual(['rack: Node1']);
  expect((await turingpi('state', 'show')).stdout).toMatch(
    /^board shelf\n[^]*shelf\/Node2\n[^]*\n\nboard rack\n/,
  );
  expect((await shown('verify')).map(({ name, problems }) => [name, problems])).toEqual([
    ['shelf', 0],
    ['rack', 0],
  ]);

  const sealed = path.join(site.directory, 'lab.sealed');
  await writeFile(path.join(site.directory, 'passphrase'), 'nobody guesses it');
  const passphrase = ['--passphrase-file', path.join(site.directory, 'passphrase')];
  expect((await turingpi('state', 'export', sealed, ...passphrase)).exitCode).toBe(0);
  expect((await turingpi('state', 'import', sealed, ...passphrase)).stderr).toContain('STATE_NOT_EMPTY');
  await rm(path.join(site.directory, 'cache'), { recursive: true });
  expect(nodesOf(await shown('show'))).toEqual(['shelf: ', 'rack: ']);
  const { exitCode, stdout } = await turingpi('state', 'import', sealed, ...passphrase);
  expect({ exitCode, stdout }).toEqual({
    exitCode: 0,
    stdout: 'imported: shelf: Node1, Node2\nimported: rack: Node1',
  });
  const up = await turingpi('up', '--json');
  expect(outcomesIn(up.stdout)).toEqual(['shelf/1 completed', 'shelf/2 completed', 'rack/1 completed']);
  expect(up.stdout).not.toContain('phase:started');
}, 60_000);

test(
  'both are looked at by the doctor, also where one of them is not there',
  { timeout: 60_000 },
  async () => {
    const healthy = await turingpi('doctor', '--json');
    expect(healthy.exitCode, healthy.stdout).toBe(0);
    const boardsIn = (stdout: string) => {
      const { findings } = JSON.parse(stdout) as {
        findings: { board: string; code: string; severity: string }[];
      };
      return findings;
    };
    expect(new Set(boardsIn(healthy.stdout).map(({ board }) => board))).toEqual(new Set(['shelf', 'rack']));
    const text = await turingpi('doctor');
    expect(text.stdout).toMatch(/^shelf:\nok [^]*^rack:\nok [^]*nothing is wrong/m);

    const config = await readFile(site.configFile, 'utf8');
    await writeFile(site.configFile, config.replace(`port: ${String(rack.https.port)}`, 'port: 1'));
    const { exitCode, stdout } = await turingpi('doctor', '--json');
    await writeFile(site.configFile, config);
    expect(exitCode, stdout).toBe(1);
    const wrong = boardsIn(stdout).filter(({ severity }) => severity === 'error');
    expect(wrong).toEqual([expect.objectContaining({ board: 'rack' })]);
  },
);

test('nodes of both are adopted by what they say, or those of one', async () => {
  const adopted = (stdout: string) =>
    jsonLines(stdout).map(({ event, board, node }) => `${String(event)} ${String(board)}/${String(node)}`);
  const refused = await turingpi('adopt', '--json');
  const keys = [...refused.stderr.matchAll(/^(\S+) shows the host key (SHA256:[\w+/]+)$/gm)];
  expect(keys.map(([, slot]) => slot)).toEqual(['shelf/Node1', 'shelf/Node2', 'rack/Node1']);
  expect(refused.stderr).toContain('rack/Node1 is not adopted');
  const confirmed = keys.flatMap(([, , key = '']) => ['--fingerprint', key]);
  const adopt = (...words: string[]) => turingpi('adopt', ...words, ...confirmed);
  const { exitCode, stdout } = await adopt('--json');
  expect({ exitCode, nodes: adopted(stdout) }, stdout).toEqual({
    exitCode: 0,
    nodes: ['adopted shelf/1', 'adopted shelf/2', 'adopted rack/1'],
  });
  expect(adopted((await adopt('rack/1', '--json')).stdout)).toEqual(['adopted rack/1']);
  expect(adopted((await adopt('2', '--board', 'shelf', '--json')).stdout)).toEqual(['adopted shelf/2']);
  expect((await adopt('--board', 'rack')).stdout).toMatch(/^rack\/Node1 .* is adopted/);
}, 60_000);

test('both are rehearsed, each on a simulated board of its own', { timeout: 180_000 }, async () => {
  const asked = () => [shelf, rack].map(({ accessLog }) => accessLog.length);
  const before = asked();
  const { exitCode, stdout } = await turingpi('rehearse', '--json', '--node', 'shelf/2,rack');
  expect(exitCode, stdout).toBe(0);
  expect(outcomesIn(stdout)).toEqual(['shelf/2 completed', 'rack/1 completed']);
  const places = jsonLines(stdout).flatMap(
    ({ text }) => /: (\w+) is a simulated board at (\S+)\.$/.exec(String(text)) ?? [],
  );
  expect(places.filter((text) => /^(shelf|rack)$/.test(text))).toEqual(['shelf', 'rack']);
  expect(new Set(places.filter((text) => text.startsWith('https'))).size).toBe(2);
  expect(asked(), 'the real ones are not asked').toEqual(before);
});

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
