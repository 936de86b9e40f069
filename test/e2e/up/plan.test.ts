import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ClusterPlan } from '@turingpi/core';
import { startVirtualBoard, type VirtualBoard } from '@turingpi/virtual-board';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { jsonLines, runCli } from '../../support/site/run-cli.js';
import { makeSite, type Site, usualWorkflow } from '../../support/site/site.js';

/*
 * What is planned is what runs: from the first installation to a change that needs another one. The steps build on each
 * other, and the disk is written twice.
 */
let site: Site;
let board: VirtualBoard;

const workflow = (changes: Readonly<Record<string, unknown>> = {}) => ({
  workflow: { ...usualWorkflow(site.publicKey, site.userPassword), ...changes },
});
const turingpi = (...words: string[]) => runCli([...words, '-c', site.configFile]);
const planFile = () => path.join(site.directory, 'plan.json');
/** What changed anything on the board so far. */
const changesOnBoard = () =>
  board.accessLog.map(({ target }) => target).filter((target) => target.includes('opt=set'));

async function planned(
  ...words: string[]
): Promise<{ readonly exitCode: number; readonly plan: ClusterPlan }> {
  const { exitCode, stdout, stderr } = await turingpi('plan', '--json', ...words);
  expect(stderr).toBe('');
  return { exitCode, plan: JSON.parse(stdout) as ClusterPlan };
}
const decisions = ({ nodes }: ClusterPlan) =>
  nodes.map(({ phases }) => phases.map(({ decision }) => decision));

beforeAll(async () => {
  site = await makeSite();
  board = await startVirtualBoard({
    dir: path.join(site.directory, 'board'),
    nodes: [{ board: 'rk1' }],
    clock: { scale: 20 },
    httpPort: 'off',
  });
  await site.configure(board);
}, 60_000);
afterAll(async () => {
  await board[Symbol.asyncDispose]();
  await site[Symbol.asyncDispose]();
});

test(
  'a new node: everything runs, and nothing was touched to find that out',
  { timeout: 60_000 },
  async () => {
    const { exitCode, plan } = await planned();
    expect(exitCode).toBe(6);
    expect(decisions(plan)).toEqual([['run', 'run', 'run']]);
    const [image, installation, post] = plan.nodes[0]?.phases ?? [];
    expect(image?.reason).toBe('first run');
    expect(installation).toMatchObject({ power: true, erases: { disk: 'emmc', evidence: 'new' } });
    expect(post?.actions).toMatchObject({
      from: 0,
      run: ['remote.writeFile /etc/finished', 'remote.runCommand cat /etc/hostname'],
    });
    expect(changesOnBoard()).toEqual([]);
    for (const file of ['tpi_state.json', 'node-secrets.json', 'site-1.img.xz', 'requests'])
      await expect(stat(path.join(site.cacheDir, file)), file).rejects.toMatchObject({ code: 'ENOENT' });
  },
);

test('it holds no secret', { timeout: 60_000 }, async () => {
  const { stdout } = await turingpi('plan', '--json', '-o', planFile());
  for (const text of [stdout, await readFile(planFile(), 'utf8')])
    expect(text).not.toContain(site.userPassword);
  expect((await stat(planFile())).mode & 0o777).toBe(0o600);
});

test('another file than the one that was planned is not run', { timeout: 60_000 }, async () => {
  await site.configure(board, workflow({ postInstall: [{ run: ['true'] }] }));
  const { exitCode, stdout } = await turingpi('up', '--json', '--plan', planFile());
  expect(exitCode).toBe(6);
  expect(jsonLines(stdout).at(-1)).toMatchObject({ event: 'error', code: 'PLAN_OUTDATED' });
  expect(changesOnBoard()).toEqual([]);
  await site.configure(board);
});

test('the plan runs as it was approved, and once', { timeout: 180_000 }, async () => {
  const { exitCode, stdout, stderr } = await turingpi('up', '--json', '--plan', planFile());
  expect({ exitCode, stderr }, stdout).toEqual({ exitCode: 0, stderr: '' });
  expect((await turingpi('up', '--plan', planFile())).exitCode).toBe(6);
});

test('directly after a run there is nothing to do', { timeout: 60_000 }, async () => {
  for (const words of [[], ['--offline']]) {
    const { exitCode, plan } = await planned(...words);
    expect(exitCode).toBe(0);
    expect(decisions(plan)).toEqual([['skip', 'skip', 'skip']]);
  }
  expect((await turingpi('plan')).stdout).toContain('Nothing to do.');
});

test('another action runs from there on, in place', { timeout: 60_000 }, async () => {
  await site.configure(
    board,
    workflow({ postInstall: [{ write: { path: '/etc/finished', content: 'yes\n' } }, { run: ['true'] }] }),
  );
  const { exitCode, plan } = await planned();
  expect(exitCode).toBe(6);
  expect(decisions(plan)).toEqual([['skip', 'skip', 'run']]);
  expect(plan.nodes[0]?.phases[2]).toMatchObject({
    ...{ reason: 'actions changed', takesEffect: 'in place' },
    actions: { kept: 1, from: 1, run: ['remote.runCommand true'] },
  });
  const { stdout } = await turingpi('plan');
  expect(stdout).toMatch(/from number 2 on:\n +run command: true$/m);
});

test(
  'settings and files are named: what needs a reinstallation, and what waits for it',
  { timeout: 60_000 },
  async () => {
    await site.configure(board, {
      network: { gateway: '192.168.1.254', hostnamePattern: 'site-{id}' },
      ...workflow({
        user: { name: 'other', password: site.userPassword, sshKeys: [site.publicKey] },
        files: [
          { path: '/etc/my_app/config', content: 'other data' },
          { path: '/etc/my_app/more', content: 'new' },
        ],
      }),
    });
    const { exitCode, plan } = await planned();
    expect(exitCode).toBe(6);
    expect(plan.nodes[0]?.phases[0]?.changes.find(({ name }) => name === 'user.name')).not.toHaveProperty(
      'note',
    );
    const waits = { takesEffect: 'in place', note: 'once nothing else needs a reinstallation' };
    expect(plan.nodes[0]?.phases[0]).toMatchObject({
      error: { code: 'NEEDS_REINSTALL' },
      takesEffect: 'by a reinstallation',
      changes: [
        { name: 'network.dnsServers', before: '192.168.1.1', after: '192.168.1.254', ...waits },
        { name: 'network.gateway', before: '192.168.1.1', after: '192.168.1.254', ...waits },
        { name: 'user.name', before: 'admin', after: 'other', takesEffect: 'by a reinstallation' },
        { name: 'file /etc/my_app/config', before: 'set', after: 'changed', ...waits },
        { name: 'file /etc/my_app/more', before: 'not set', after: 'set', ...waits },
        { name: 'file /usr/local/bin/script.sh', before: 'set', after: 'not set', ...waits },
      ],
    });
  },
);

test('a reinstallation is planned and done', { timeout: 180_000 }, async () => {
  const { plan } = await planned('--reinstall', '1', '-o', planFile());
  expect(decisions(plan)).toEqual([['run', 'run', 'run']]);
  expect(plan.nodes[0]?.phases[1]).toMatchObject({ erases: { evidence: 'installed' } });
  expect(plan.nodes[0]?.phases[1]?.estimateMs).toBeGreaterThan(0);
  const { exitCode, stdout } = await turingpi('up', '--json', '--plan', planFile());
  expect(exitCode, stdout).toBe(0);
});

test('a file that is no plan, and options that contradict it, are refused', { timeout: 60_000 }, async () => {
  await writeFile(planFile(), '{}');
  for (const [words, exitCode] of [
    [['--plan', planFile()], 3],
    [['--plan', planFile(), '--erase', 'all'], 2],
  ] as const)
    expect((await turingpi('up', ...words)).exitCode).toBe(exitCode);
  await rm(planFile());
  expect((await turingpi('up', '--plan', planFile())).stderr).toContain('PLAN_UNREADABLE');
  expect((await turingpi('plan', '-o', path.join(site.directory, 'missing/plan.json'))).exitCode).toBe(2);
});
