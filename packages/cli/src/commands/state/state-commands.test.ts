import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { FileStateStore } from '@turingpi/core';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { runCli } from '../../cli.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'turingpi-state-commands-'));
  await write(
    'turingpi.yaml',
    'ip: 192.0.2.90\ncacheDir: ./cache\nnode1: { ip: 192.0.2.91, board: rk1, os: ubuntu }\n',
  );
  await write('passphrase', 'nobody guesses it\n');
  const at = '2026-01-02T03:04:05.000Z';
  const done = { status: 'completed', timestamp: at, input_hash: 'a'.repeat(64) };
  const journal = [{ action: 'remote.runCommand', digest: 'd'.repeat(64), result: 'x'.repeat(100), at }];
  const Node2 = {
    os_installation: { ...done, installation_id: 'installation-2', adopted: true },
    post_installation: { ...done, journal },
  };
  await mkdir(path.join(directory, 'cache'), { mode: 0o700 });
  await write('cache/tpi_state.json', JSON.stringify({ version: 2, Node2 }));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const write = (name: string, text: string) => writeFile(path.join(directory, name), text);
const stateFile = () => readFile(path.join(directory, 'cache/tpi_state.json'), 'utf8');

async function run(...args: string[]): Promise<{ exitCode: number; stdout: string; stderr: string }> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const environment = { PASSPHRASE: 'nobody guesses it' };
  const argv = ['node', 'turingpi', 'state', ...args];
  const exitCode = await runCli(argv, { environment, stdout, stderr, cwd: directory });
  const text = (stream: PassThrough) => (stream.read() as Buffer | null)?.toString() ?? '';
  return { exitCode, stdout: text(stdout), stderr: text(stderr) };
}

describe('turingpi state', () => {
  it('shows what is on record, also of nodes that are not configured', async () => {
    const { exitCode, stdout } = await run('show');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/Node2[^]*os_installation: completed[^]*installation: installation-2/);
    expect(stdout).not.toContain('Node1');
    const { nodes } = JSON.parse((await run('show', '1,2', '--json')).stdout) as { nodes: object };
    expect(nodes).toMatchObject({ Node1: {}, Node2: { os_installation: { status: 'completed' } } });
  });

  it('shows the journal, results cut short, and whole as JSON', async () => {
    const { stdout } = await run('journal', '2');
    expect(stdout).toBe(`1. 2026-01-02T03:04:05.000Z remote.runCommand dddddddddddd "${'x'.repeat(58)}…\n`);
    const entry = JSON.parse((await run('journal', '2', '--json')).stdout) as object;
    expect(entry).toMatchObject({ n: 1, phase: 'post_installation', result: 'x'.repeat(100) });
    expect((await run('journal', '1')).stdout).toContain('no action is on record of Node1');
  });

  it('says with its exit code whether something is wrong, and changes nothing', async () => {
    expect(await run('verify')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('all is well') as string,
    });
    await write('cache/tpi_state.json', '{');
    const { exitCode, stdout } = await run('verify', '--json');
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ problems: 1, findings: [{ code: 'STATE_UNREADABLE' }] });
    expect(await stateFile()).toBe('{');
  });

  it('forgets a phase or a node, after asking', async () => {
    const before = await stateFile();
    expect(await run('forget', '2')).toMatchObject({ exitCode: 2, stdout: '' });
    expect(await stateFile()).toBe(before);
    expect((await run('forget', '2', 'post', '--yes')).exitCode).toBe(0);
    expect(JSON.parse(await stateFile())).toMatchObject({
      Node2: { os_installation: { status: 'completed' }, post_installation: { status: 'pending' } },
    });
    expect((await run('forget', '2', '--yes')).stdout).toContain('unknown now');
    expect(JSON.parse(await stateFile())).toMatchObject({
      Node2: { os_installation: { status: 'pending', voided: expect.any(String) as string } },
    });
    expect((await run('forget', '2', 'flash')).exitCode).toBe(2);
    expect((await run('forget', '1,2')).exitCode).toBe(2);
  });

  it('exports into a file for one reader, and imports it again', async () => {
    const passphrase = ['--passphrase-file', 'passphrase'];
    expect((await run('export', 'a.sealed', ...passphrase)).exitCode).toBe(0);
    expect((await stat(path.join(directory, 'a.sealed'))).mode & 0o777).toBe(0o600);
    expect((await run('export', 'a.sealed', ...passphrase)).exitCode).toBe(2);
    expect((await run('export', 'b.sealed')).stderr).toContain('--passphrase-env');
    await run('forget', '2', '--yes');
    const again = ['import', 'a.sealed', '--passphrase-env', 'PASSPHRASE'];
    expect(await run(...again)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('STATE_NOT_EMPTY') as string,
    });
    expect((await run(...again, '--replace')).exitCode).toBe(2); // it asks, and nobody is there
    expect((await run(...again, '--replace', '--yes')).stdout).toMatch(
      /imported: Node2[^]*before: .*replaced-/,
    );
    expect((await run('journal', '2')).stdout).toContain('remote.runCommand');
    expect(await readdir(path.join(directory, 'cache'))).toEqual(
      expect.arrayContaining([expect.stringMatching(/^tpi_state\.replaced-.*\.sealed$/)]),
    );
    await write('passphrase', 'another');
    expect((await run('import', 'a.sealed', ...passphrase)).stderr).toContain('STATE_ARCHIVE_PASSPHRASE');
    expect((await run('import', 'turingpi.yaml', ...passphrase)).stderr).toContain('STATE_ARCHIVE_DAMAGED');
    expect((await run('import', 'none', ...passphrase)).exitCode).toBe(2);
  });

  it('says where the old records are when an import fails on the way', async () => {
    const passphrase = ['--passphrase-env', 'PASSPHRASE'];
    await run('export', 'a.sealed', ...passphrase);
    const forget = vi.spyOn(FileStateStore.prototype, 'forget').mockRejectedValue(new Error('no space'));
    onTestFinished(() => forget.mockRestore());
    const { exitCode, stderr } = await run('import', 'a.sealed', ...passphrase, '--replace', '--yes');
    expect(exitCode).toBe(1);
    const [, aside] = /before: (.*\.sealed)/.exec(stderr) ?? [];
    await readFile(aside ?? 'nowhere is said', 'utf8');
  });
});
