import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runCli } from '../cli.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'turingpi-status-'));
  await writeFile(
    path.join(directory, 'turingpi.yaml'),
    'ip: 192.168.1.90\ncacheDir: ./cache\nnode1: { ip: 192.168.1.101, board: rk1 }\n',
  );
  await mkdir(path.join(directory, 'cache'), { mode: 0o700 });
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** The first phase is on record as run by a process; what `turingpi status` says of it. */
async function statusOf(pid: number, host: string) {
  const at = new Date().toISOString();
  const owner = { pid, host, instance: 'another', started_at: at, heartbeat: at };
  const image_customization = { status: 'running', timestamp: at, input_hash: 'h', owner, fence: 1 };
  const state = { version: 2, Node1: { image_customization } };
  await writeFile(path.join(directory, 'cache/tpi_state.json'), JSON.stringify(state));
  const run = async (...words: string[]) => {
    const stdout = new PassThrough();
    const terminal = { environment: {}, stdout, stderr: process.stderr, cwd: directory };
    expect(await runCli(['node', 'turingpi', 'status', ...words], terminal)).toBe(0);
    return (stdout.read() as Buffer).toString();
  };
  const { nodes } = JSON.parse(await run('--json')) as {
    nodes: { Node1: { image_customization: { status: string; died?: boolean } } };
  };
  const [, shown] = /image\s+(\w+)/.exec(await run()) ?? [];
  const { status, died } = nodes.Node1.image_customization;
  return { shown, status, died };
}

it('says running of what is run, also elsewhere, and died of what nobody runs any more', async () => {
  const { pid } = spawnSync(process.execPath, ['-e', '0']);
  expect(await statusOf(pid, os.hostname())).toEqual({ shown: 'died', status: 'running', died: true });
  expect(await statusOf(process.ppid, os.hostname())).toEqual({ shown: 'running', status: 'running' });
  expect(await statusOf(pid, 'another-computer')).toEqual({ shown: 'running', status: 'running' });
});

/** What a command line prints, in the folder of the test. */
async function printed(...words: string[]): Promise<{ exitCode: number; stdout: string; stderr: string }> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const exitCode = await runCli(['node', 'turingpi', ...words], {
    ...{ environment: {}, stdout, stderr, cwd: directory },
  });
  const text = (stream: PassThrough) => ((stream.read() as Buffer | null) ?? '').toString();
  return { exitCode, stdout: text(stdout), stderr: text(stderr) };
}

it.each([['status'], ['plugin', 'list'], ['cache', 'list'], ['state', 'show']])(
  '%s %s looks at this computer alone, so it needs no password; what is wrong in the file it says',
  async (...words) => {
    const file = path.join(directory, 'turingpi.yaml');
    const text = await readFile(file, 'utf8');
    await writeFile(file, `${text}bmc: { password: { env: TURINGPI_TEST_UNSET } }\n`);
    expect(await printed(...words)).toMatchObject({ exitCode: 0, stderr: '' });
    await writeFile(file, `${text}bmc: { pasword: { env: TURINGPI_TEST_UNSET } }\n`);
    expect((await printed(...words)).stderr).toContain('CONFIG_INVALID');
  },
);

it('says whose records they are where another project made them', async () => {
  const state = path.join(directory, 'cache/tpi_state.json');
  const made = (project: string) =>
    writeFile(
      state,
      JSON.stringify({ version: 2, board: { serial: 'A1', project, since: '2026-01-01T00:00:00Z' } }),
    );
  await made('/elsewhere/lab.yaml');
  expect((await printed('status')).stdout).toContain('these records were made by /elsewhere/lab.yaml');
  expect(JSON.parse((await printed('status', '--json')).stdout)).toMatchObject({
    project: '/elsewhere/lab.yaml',
  });
  await made(path.join(directory, 'turingpi.yaml'));
  expect((await printed('status')).stdout).not.toContain('were made by');
});
