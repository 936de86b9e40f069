import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { jsonLines, runCli } from '../../support/site/run-cli.js';
import { makeSite, type Site, usualWorkflow } from '../../support/site/site.js';

/** A board that is nowhere: the addresses are for documentation. */
const ELSEWHERE = {
  https: { host: '192.0.2.90', port: 443 },
  publicKeyPin: `sha256:${'0'.repeat(64)}`,
  nodes: [
    { id: 1, board: 'rk1' },
    { id: 3, board: 'cm4' },
  ],
} as unknown as Parameters<Site['configure']>[0];

let site: Site;
/** Where rehearsals make their folders. */
let temporary: string;
beforeEach(async () => {
  site = await makeSite();
  temporary = await mkdtemp(path.join(os.tmpdir(), 'turingpi-rehearse-'));
});
afterEach(async () => {
  await site[Symbol.asyncDispose]();
  await rm(temporary, { recursive: true, force: true });
});

const rehearse = (...parameters: string[]) =>
  runCli(['rehearse', ...parameters], { cwd: site.directory, env: { TMPDIR: temporary } });

describe('a rehearsal', { timeout: 180_000 }, () => {
  it('runs the whole workflow of a board that is not there, and says of each line that it is simulated', async () => {
    const workflow = usualWorkflow(site.publicKey, site.userPassword);
    const ran = path.join(site.directory, 'ran');
    await site.configure(ELSEWHERE, {
      bmc: { password: { env: 'NOT_SET' } },
      workflow: {
        ...workflow,
        install: { strategy: 'flash' },
        postInstall: [...workflow.postInstall, { runLocal: ['touch', ran] }],
      },
    });
    const { exitCode, stdout, stderr } = await rehearse('--json');
    expect({ exitCode, stderr }, stdout).toEqual({ exitCode: 0, stderr: '' });
    const lines = jsonLines(stdout);
    expect(stdout.trim().split('\n')).toHaveLength(lines.length);
    expect(lines.every(({ simulated }) => simulated === true)).toBe(true);
    expect(lines.find(({ event }) => event === 'summary')).toMatchObject({
      completed: true,
      nodes: [{ nodeId: 1 }, { nodeId: 3 }],
    });
    const notes = lines.filter(({ event }) => event === 'note').map(({ text }) => text);
    expect(notes).toContainEqual(expect.stringContaining('1 × runLocal'));
    expect(notes).toContainEqual(expect.stringContaining('start no kernel'));
    expect(await readdir(site.directory), 'neither the cache nor what runLocal makes').toEqual([
      'files',
      'id_ed25519',
      'turingpi.yaml',
    ]);
    expect(await readdir(temporary)).toEqual([]);
  });

  it('leaves what is on record of the real nodes alone, and keeps its own folder when asked to', async () => {
    await site.configure(ELSEWHERE, {
      node1: { ip: '192.168.1.101', board: 'rk1', os: 'ubuntu', protect: true },
    });
    await mkdir(site.cacheDir, { mode: 0o700 });
    const names = ['tpi_state.json', 'node-secrets.json', 'trusted-boards.json'];
    for (const name of names) await writeFile(path.join(site.cacheDir, name), `the real ${name}`);
    const { exitCode, stdout } = await rehearse('--node', '1', '--keep');
    expect(exitCode, stdout).toBe(0);
    for (const line of stdout.trim().split('\n')) expect(line).toMatch(/^\[simulated\] /);
    expect(stdout).toMatch(/left out: node1\.protect[^]*Node1 .*post[^]*cannot show/);
    expect(stdout).not.toContain('Node3');
    expect((await readdir(site.cacheDir)).sort()).toEqual([...names].sort());
    for (const name of names)
      expect(await readFile(path.join(site.cacheDir, name), 'utf8')).toBe(`the real ${name}`);
    const [kept] = await readdir(temporary);
    expect(stdout).toContain(path.join(temporary, kept!));
    const cache = path.join(temporary, kept!, 'cache');
    expect(await readdir(cache)).toContain('tpi_state.json');
    const runs = await readdir(path.join(cache, 'runs'));
    const [started] = (await readFile(path.join(cache, 'runs', runs[0]!), 'utf8')).split('\n');
    expect(JSON.parse(started!), 'nor is it taken for a real one afterwards').toMatchObject({
      boards: [{ simulated: true }],
    });
  });

  it('ends as the run ends: with a failure, or with what is wrong in the configuration', async () => {
    const workflow = usualWorkflow(site.publicKey, site.userPassword);
    await site.configure(ELSEWHERE, { workflow: { ...workflow, postInstall: [{ run: ['false'] }] } });
    const failed = await rehearse('--node', '1', '--json');
    expect(failed.exitCode).toBe(5);
    expect(jsonLines(failed.stdout).find(({ event }) => event === 'summary')).toMatchObject({
      completed: false,
    });
    await site.configure(ELSEWHERE, { workflow: { user: { nam: 'admin' } } });
    const wrong = await rehearse();
    expect(wrong).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('CONFIG_INVALID') as string });
    expect(await readdir(temporary)).toEqual([]);
  });
});
