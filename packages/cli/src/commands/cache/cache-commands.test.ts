import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCli } from '../../cli.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'turingpi-cache-commands-'));
  await mkdir(path.join(directory, 'downloads'));
  await writeFile(path.join(directory, 'node1.img.xz'), 'image', { mode: 0o600 });
  // not what the name says
  await writeFile(path.join(directory, 'downloads', `${'a'.repeat(64)}.img.xz`), 'x'.repeat(2000), {
    mode: 0o600,
  });
  const phase = {
    status: 'completed',
    timestamp: '2026-01-02T03:04:05.000Z',
    output_image_path: path.join(directory, 'node1.img.xz'),
  };
  const state = { version: 1, Node1: { image_customization: phase } };
  await writeFile(path.join(directory, 'tpi_state.json'), JSON.stringify(state));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

async function run(...args: string[]): Promise<{ exitCode: number; stdout: string; stderr: string }> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const argv = ['node', 'turingpi', 'cache', ...args, '--cache-dir', directory];
  const exitCode = await runCli(argv, { environment: {}, stdout, stderr, cwd: directory });
  const text = (stream: PassThrough) => (stream.read() as Buffer | null)?.toString() ?? '';
  return { exitCode, stdout: text(stdout), stderr: text(stderr) };
}

describe('turingpi cache', () => {
  it('lists, for people and for programs', async () => {
    const { exitCode, stdout } = await run('list');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/customised image.*node1\.img\.xz.*5 B.*in the state/);
    expect(stdout).toContain('2.0 kB in ');
    const record = JSON.parse((await run('list', '--json')).stdout) as {
      totalBytes: number;
      entries: unknown[];
    };
    expect(record.totalBytes).toBe(2005);
    expect(record.entries).toHaveLength(2);
  });

  it('verifies, repairs, and says with its exit code whether something is left to do', async () => {
    expect(await run('verify')).toMatchObject({
      exitCode: 1,
      stdout: expect.stringContaining('damaged') as string,
    });
    expect(await run('verify', '--fix')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('removed') as string,
    });
    expect((await run('verify')).exitCode).toBe(0);
  });

  it('prunes to a size, keeping what the state counts on', async () => {
    expect((await run('prune', '--max-size', '1k', '--dry-run')).stdout).toContain(
      '2.0 kB would be freed, 5 B left',
    );
    expect((await run('prune', '--max-size', '0')).stdout).toContain('2.0 kB freed, 5 B left');
    expect((await run('prune', '--all')).stdout).toContain('5 B freed, 0 B left');
    expect((await run('prune', '--max-size', 'much')).exitCode).toBe(2);
  });
});
