import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ClusterPlan } from '@turingpi/core';
import { Secret } from '@turingpi/foundation';
import type { DriftedPart } from '@turingpi/provisioning';
import { connectSsh, generateKeyPair } from '@turingpi/runtime';
import { startVirtualBoard, type VirtualBoard } from '@turingpi/virtual-board';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { jsonLines, runCli, startCli } from '../../support/site/run-cli.js';
import { makeSite, type Site, usualWorkflow } from '../../support/site/site.js';

/*
 * A finished node whose settings change: what can be applied to it as it runs is, and its record says so. The disk is written
 * once; the steps build on each other.
 */
let site: Site;
let board: VirtualBoard;
let second: string;
const ZONE = '/usr/share/zoneinfo/Europe/Berlin';
const turingpi = (...words: string[]) => runCli([...words, '-c', site.configFile]);

/** @param keys - that are let in */
function configured(keys: readonly string[], changes: Readonly<Record<string, unknown>> = {}) {
  const usual = usualWorkflow(site.publicKey, site.userPassword);
  const postInstall = [
    { run: 'echo once >> /root/runs' },
    { write: { path: '/etc/finished', content: 'yes\n' } },
    { apt: ['htop'] },
  ];
  const files = [{ path: ZONE, content: 'TZif' }, ...usual.files];
  const workflow = { ...usual, user: { ...usual.user, sshKeys: keys }, files, postInstall };
  return { workflow: { ...workflow, ...changes } };
}
async function planned(...words: string[]) {
  const { exitCode, stdout } = await turingpi('plan', '--json', ...words);
  const { nodes } = JSON.parse(stdout) as ClusterPlan;
  return { exitCode, phases: nodes[0]?.phases ?? [] };
}
async function recordOf() {
  const text = await readFile(path.join(site.cacheDir, 'tpi_state.json'), 'utf8');
  const state = JSON.parse(text) as { Node1: Record<string, Record<string, unknown>> };
  return state.Node1['os_installation'] ?? {};
}
async function connected() {
  const { output } = (await recordOf()) as { readonly output: { readonly hostKeys: readonly string[] } };
  const privateKey = new Secret(await readFile(site.privateKeyFile, 'utf8'));
  const target = {
    ...board.nodes[0]!.ssh!,
    username: 'admin',
    auth: { privateKey },
    hostKeys: output.hostKeys,
  };
  return await connectSsh(target, { signal: AbortSignal.timeout(30_000) });
}
async function onNode(...files: readonly string[]): Promise<readonly string[]> {
  await using session = await connected();
  return await Promise.all(
    files.map(async (file) => (await session.exec(['cat', file], { sudo: true })).stdout),
  );
}
async function change(line: string): Promise<void> {
  await using session = await connected();
  await session.exec(line, { sudo: true });
}
const writesToDisk = () => board.accessLog.filter(({ target }) => target.includes('type=flash')).length;

beforeAll(async () => {
  site = await makeSite();
  second = (await generateKeyPair('ed25519', { comment: 'second' })).publicKey;
  const dir = path.join(site.directory, 'board');
  board = await startVirtualBoard({ dir, nodes: [{ board: 'rk1' }], clock: { scale: 20 }, httpPort: 'off' });
  await site.configure(board, configured([site.publicKey, second]));
  const { exitCode, stdout } = await turingpi('up', '--json', '--erase', 'all');
  expect(exitCode, stdout).toBe(0);
}, 240_000);
afterAll(async () => {
  await board[Symbol.asyncDispose]();
  await site[Symbol.asyncDispose]();
});

const changed = () => ({
  network: { gateway: '192.168.1.1', hostnamePattern: 'renamed-{id}' },
  ...configured([site.publicKey], {
    timezone: 'Europe/Berlin',
    files: [
      { path: ZONE, content: 'TZif' },
      { path: '/etc/my_app/config', content: 'other data' },
    ],
  }),
});

test(
  'the plan says of each setting how it takes effect, and what is left alone',
  { timeout: 240_000 },
  async () => {
    await site.configure(board, changed());
    const { exitCode, phases } = await planned();
    expect(exitCode).toBe(6);
    expect(phases.map(({ decision }) => decision)).toEqual(['skip', 'run', 'skip']);
    expect(phases[1]).toMatchObject({ power: false, takesEffect: 'in place' });
    expect(phases[1]).not.toHaveProperty('erases');
    const inPlace = { takesEffect: 'in place' };
    expect(phases[1]?.changes).toMatchObject([
      { name: 'network.hostname', before: 'site-1', after: 'renamed-1', ...inPlace },
      { name: 'timezone', before: 'not set', after: 'Europe/Berlin', ...inPlace },
      { name: 'user.sshKeys', ...inPlace },
      { name: 'file /etc/my_app/config', ...inPlace },
      {
        name: 'file /usr/local/bin/script.sh',
        after: 'not set',
        note: 'left on the node as it is',
        ...inPlace,
      },
    ]);
    expect((await turingpi('plan')).stdout).toContain('site-1 → renamed-1 (applied in place)');
  },
);

test('killed in the middle, it is not done, and the next run looks again', { timeout: 240_000 }, async () => {
  const child = startCli(['up', '--json', '-c', site.configFile]);
  const ended = once(child, 'exit');
  for await (const chunk of child.stdout!)
    if (String(chunk).includes('remote.timezone')) child.kill('SIGKILL');
  await ended;
  expect(await recordOf()).toMatchObject({ status: 'running', tried: { timezone: ['Europe/Berlin'] } });
  expect((await planned('--offline')).phases[1]).toMatchObject({ reason: 'previous run crashed' });
});

test('up applies it, and its record is the evidence', { timeout: 240_000 }, async () => {
  const finished = (await recordOf())['previous'] as Record<string, unknown>; // the record says that a run crashed
  const before = { record: finished, writes: writesToDisk() };
  const { exitCode, stdout } = await turingpi('up', '--json');
  expect(exitCode, stdout).toBe(0);
  expect(writesToDisk()).toBe(before.writes);
  const [name, config, script, said = '', keys, runs] = await onNode(
    ...['/etc/hostname', '/etc/my_app/config', '/usr/local/bin/script.sh', '/etc/turingpi/installation.json'],
    ...['/home/admin/.ssh/authorized_keys', '/root/runs'],
  );
  expect([name, config, runs]).toEqual(['renamed-1\n', 'other data', 'once\n']);
  expect(script).toContain('echo ok');
  expect(keys).toContain(site.publicKey.split(' ')[1]);
  expect(keys).not.toContain(second.split(' ')[1]);
  const record = await recordOf();
  expect(record).toMatchObject({
    ...{ status: 'completed', timestamp: before.record['timestamp'], output: { hostname: 'renamed-1' } },
    installation_id: before.record['installation_id'],
    in_place: [{ settings: ['network.hostname', 'preInstall', 'timezone', 'user.sshKeys'] }],
  });
  const { inputs } = record as { readonly inputs: Readonly<Record<string, { readonly digest: string }>> };
  expect(JSON.parse(said)).toMatchObject({ inputs: { timezone: inputs['timezone']?.digest } }); // for `adopt`
  const [{ run } = {}] = record['in_place'] as readonly { readonly run?: string }[];
  expect(jsonLines(stdout).at(-1)).toMatchObject({ runId: run });
  expect(record).not.toHaveProperty('tried');
});

test('directly after there is nothing to do', { timeout: 240_000 }, async () => {
  expect((await planned()).exitCode).toBe(0);
});

test(
  'drift tells what somebody has changed on the node, and changes nothing',
  { timeout: 240_000 },
  async () => {
    expect((await turingpi('drift')).exitCode).toBe(0);
    await onNode('/etc/hostname'); // it is up
    await change('echo edited > /etc/my_app/config; echo tampered > /etc/finished');
    const before = await readFile(path.join(site.cacheDir, 'tpi_state.json'), 'utf8');
    const { exitCode, stdout } = await turingpi('drift', '1', '--json');
    expect(exitCode, stdout).toBe(6);
    const { nodes } = JSON.parse(stdout) as {
      readonly nodes: readonly { readonly parts: readonly DriftedPart[] }[];
    };
    const parts = nodes[0]?.parts ?? [];
    expect(parts.filter(({ state }) => state === 'would change')).toMatchObject([
      { kind: 'setting', note: '/etc/my_app/config', diff: expect.stringContaining('-edited') as string },
      { kind: 'action', note: '/etc/finished' },
    ]);
    expect(parts).toContainEqual(
      expect.objectContaining({ action: 'remote.runCommand', state: 'cannot tell' }),
    );
    expect(await readFile(path.join(site.cacheDir, 'tpi_state.json'), 'utf8')).toBe(before);
    expect(await onNode('/etc/my_app/config', '/root/runs')).toEqual(['edited\n', 'once\n']);
  },
);

test('drift tells what the file asks for since', { timeout: 240_000 }, async () => {
  const other = path.join(site.directory, 'other.yaml');
  const text = await readFile(site.configFile, 'utf8');
  await writeFile(other, text.replace(/^node1:$/m, 'node1:\n  hostname: renamed'));
  const { exitCode, stdout } = await runCli(['drift', '1', '-c', other]);
  expect(exitCode, stdout).toBe(6);
  expect(stdout).toMatch(
    /would change +setting network\.hostname \(asked for since the last run\)\n +-\S+\n +\+renamed$/,
  );
});

test(
  'the image of its former host name goes when the node is made from another',
  { timeout: 240_000 },
  async () => {
    const images = async () => (await readdir(site.cacheDir)).filter((name) => name.endsWith('.img.xz'));
    expect(await images()).toEqual(['site-1.img.xz']); // renamed in place, it still runs what this one has
    const other = path.join(site.directory, 'other.yaml');
    const { exitCode, stdout } = await runCli(['reinstall', '1', '--erase', '1', '-c', other]);
    expect(exitCode, stdout).toBe(0);
    expect(stdout).toContain(
      'Removed site-1.img.xz from the cache: its node is made from another image now.',
    );
    expect(await images()).toEqual(['renamed.img.xz']);
  },
);

test('drift says whom it waits for, and not for longer than it may', { timeout: 60_000 }, async () => {
  const other = path.join(site.directory, 'other.yaml');
  expect((await turingpi('node', 'power', 'off', '--node', '1', '--hard')).exitCode).toBe(0);
  const { exitCode, stdout, stderr } = await runCli(['drift', '--timeout', '3', '-c', other]);
  expect(exitCode, stderr).toBe(4);
  expect(stderr).toContain('asking Node1 renamed (');
  expect(stdout).toBe('Node1 renamed: not compared: SSH_TIMEOUT: renamed was not compared within 3.0 s');
});
