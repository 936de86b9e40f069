import { readFile, rm, truncate } from 'node:fs/promises';
import path from 'node:path';
import { startVirtualBoard, type VirtualBoard } from '@turingpi/virtual-board';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { jsonLines, runCli } from '../../support/site/run-cli.js';
import { makeSite, type Site, usualWorkflow } from '../../support/site/site.js';

/*
 * What runs is taken for ours again: records lost, records damaged, module replaced. The steps build on each other, and
 * the disk is written once, at the beginning.
 */
let site: Site;
let board: VirtualBoard;
let stateFile: string;
let fingerprint: string;
/** Requests for a flash that the first installation made. */
let flashed = 0;
const FIRST = [{ run: ['sh', '-c', 'echo once >> /root/actions'] }];

async function start(ports: { readonly port?: number; readonly sshPort?: number; readonly serial: string }) {
  const { serial, sshPort = 0, port = 0 } = ports;
  board = await startVirtualBoard({
    dir: path.join(site.directory, 'board'),
    nodes: [{ board: 'rk1', serial, sshPort }],
    clock: { scale: 20 },
    httpPort: 'off',
    port,
  });
}
const configure = (postInstall: readonly unknown[]) =>
  site.configure(board, {
    workflow: { ...usualWorkflow(site.publicKey, site.userPassword), postInstall },
  });
const turingpi = (...words: string[]) => runCli([...words, '-c', site.configFile]);
const adopt = (...words: string[]) => turingpi('adopt', '1', '--json', ...words);
const phases = (stdout: string) =>
  jsonLines(stdout).flatMap(({ event, phase }) =>
    /^phase:(skipped|completed|blocked|failed)$/.test(String(event))
      ? [`${String(phase)} ${String(event).slice(6)}`]
      : [],
  );
const flashes = () =>
  board.accessLog.map(({ target }) => target).filter((target) => target.includes('opt=set&type=flash'));
const stateOfNode = async () =>
  (JSON.parse(await readFile(stateFile, 'utf8')) as { Node1: Record<string, Record<string, unknown>> }).Node1;

beforeAll(async () => {
  site = await makeSite();
  stateFile = path.join(site.cacheDir, 'tpi_state.json');
  await start({ serial: 'first-module' });
  await configure(FIRST);
  const { exitCode, stdout } = await turingpi('up', '--json', '--erase', 'all');
  expect(exitCode, stdout).toBe(0);
  flashed = flashes().length;
  expect(flashed).toBeGreaterThan(0);
}, 180_000);
afterAll(async () => {
  await board[Symbol.asyncDispose]();
  await site[Symbol.asyncDispose]();
});

test('an installation records its module', { timeout: 120_000 }, async () => {
  expect((await stateOfNode())['os_installation']!['output']).toMatchObject({
    module: { serial: 'first-module' },
  });
});

test('records lost: a key that nobody confirms is shown and refused', { timeout: 120_000 }, async () => {
  await rm(stateFile);
  const lost = jsonLines((await turingpi('up', '--json')).stdout).at(-1) as {
    readonly nodes: readonly { readonly error: { readonly hint: string } }[];
  };
  expect(lost.nodes[0]?.error).toMatchObject({
    code: 'ERASE_NOT_APPROVED',
    hint: expect.stringContaining('turingpi adopt 1') as string, // not only ways that erase it
  });
  const refused = await adopt();
  expect(refused.exitCode).not.toBe(0);
  fingerprint = /SHA256:[\w+/]+/.exec(refused.stderr)![0];
  expect(jsonLines(refused.stdout)).toContainEqual(
    expect.objectContaining({
      code: 'ADOPTION_REFUSED',
      hint: expect.stringContaining(`${fingerprint} on the serial console`) as string,
    }),
  );
  const wrong = `SHA256:${'A'.repeat(43)}`;
  const other = await adopt('--fingerprint', wrong);
  expect(jsonLines(other.stdout)).toContainEqual(expect.objectContaining({ code: 'ADOPTION_REFUSED' }));
  expect((await stateOfNode())['os_installation']).not.toMatchObject({ status: 'completed' });
});

test('records lost: adopted, it is not installed again; its actions are', { timeout: 120_000 }, async () => {
  const adopted = await adopt('--fingerprint', fingerprint);
  expect(adopted.exitCode, adopted.stdout).toBe(0);
  const up = await turingpi('up', '--json');
  expect(up.exitCode, up.stdout).toBe(0);
  expect(up.stdout).not.toContain('earlier version'); // the node says by which recipe it was made
  expect(phases(up.stdout)).toEqual([
    'image_customization skipped',
    'os_installation skipped',
    'post_installation completed', // nobody can tell any more what was done
  ]);
  expect(phases((await turingpi('up', '--json')).stdout)).toContain('post_installation skipped');
});

test('records damaged: set aside, adopted, and not installed again', { timeout: 120_000 }, async () => {
  await truncate(stateFile, 100);
  const stopped = await turingpi('up', '--json');
  expect(jsonLines(stopped.stdout)).toContainEqual(expect.objectContaining({ code: 'STATE_UNREADABLE' }));
  const adopted = await adopt('--fingerprint', fingerprint);
  expect(adopted).toMatchObject({
    exitCode: 0,
    stderr: expect.stringContaining('damaged state file') as string,
  });
  const up = await turingpi('up', '--json');
  expect(up.exitCode, up.stdout).toBe(0);
  expect(phases(up.stdout)).toContain('os_installation skipped');
});

test(
  'another module: blocked before the first action, nothing run, and adopted',
  { timeout: 120_000 },
  async () => {
    const { https, nodes } = board;
    expect(flashes()).toHaveLength(flashed);
    await board[Symbol.asyncDispose]();
    await start({ serial: 'second-module', port: https.port, sshPort: nodes[0]!.ssh!.port });
    await configure([...FIRST, { run: ['sh', '-c', 'echo twice >> /root/actions'] }]);
    const before = await stateOfNode();
    const blocked = await turingpi('up', '--json');
    expect(blocked.exitCode, blocked.stdout).toBe(5);
    expect(phases(blocked.stdout)).toContain('post_installation blocked');
    expect(jsonLines(blocked.stdout)).toContainEqual(expect.objectContaining({ code: 'MODULE_CHANGED' }));
    expect((await stateOfNode())['post_installation']).toEqual(before['post_installation']);
    const adopted = await adopt('--fingerprint', fingerprint);
    expect(adopted.exitCode, adopted.stdout).toBe(0);
    const up = await turingpi('up', '--json');
    expect(up.exitCode, up.stdout).toBe(0);
    expect((await stateOfNode())['post_installation']).toMatchObject({ status: 'completed' });
    expect(flashes()).toEqual([]);
  },
);
