import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import { startVirtualBoard } from '@turingpi/virtual-board';
import { makeSite, usualWorkflow } from '../../support/site/site.js';
import { jsonLines, runCli } from '../../support/site/run-cli.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'turingpi-bad-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const NODE = { ip: '192.168.1.101', board: 'rk1', os: 'ubuntu' };

describe('turingpi up with a bad configuration', () => {
  it.each([
    ['no board address', { node1: NODE }, 'CONFIG_INVALID', 'ip'],
    ['no nodes', { ip: '192.168.1.90' }, 'CONFIG_INVALID', 'node1'],
    ['an unknown board', { ip: '192.168.1.90', node1: { ...NODE, board: 'rk9' } }, 'CONFIG_INVALID', 'rk9'],
    ['an unknown OS', { ip: '192.168.1.90', node1: { ...NODE, os: 'plan9' } }, 'CONFIG_INVALID', 'plan9'],
    ['an unknown key', { ip: '192.168.1.90', nod1: NODE }, 'CONFIG_INVALID', 'nod1'],
    ['no base image for the OS', { ip: '192.168.1.90', node1: NODE }, 'CONFIG_INVALID', 'baseImages'],
    [
      'an address outside the network',
      { ip: '192.168.1.90', network: { gateway: '10.0.0.1' }, node1: NODE },
      'CONFIG_INVALID',
      'node1.ip',
    ],
  ])('%s', async (_, config, code, named) => {
    await writeFile(path.join(directory, 'turingpi.yaml'), stringify({ cacheDir: './cache', ...config }));
    const text = await runCli(['up'], { cwd: directory });
    expect(text.exitCode).toBe(3);
    expect(text.stdout).toBe('');
    const [line, ...rest] = text.stderr.split('\n'); // what else is wrong follows, and then the hint
    expect(line).toContain(code);
    expect(line).toContain(named);
    for (const more of rest) expect(more).toMatch(/^ {2}\S/);
    expect(rest.length).toBeGreaterThan(0);

    const json = await runCli(['up', '--json'], { cwd: directory });
    expect(jsonLines(json.stdout)).toEqual([expect.objectContaining({ event: 'error', code })]);
  });

  it('no configuration at all', async () => {
    const { exitCode, stderr } = await runCli(['up'], { cwd: directory });
    expect(exitCode).toBe(3);
    expect(stderr).toContain('CONFIG_NOT_FOUND');
    expect(await readdir(directory)).toEqual([]);
  });

  it('a syntax error, with its line', async () => {
    await writeFile(path.join(directory, 'turingpi.yaml'), 'ip: 192.168.1.90\nnode1: {\n');
    const { exitCode, stderr } = await runCli(['up'], { cwd: directory });
    expect(exitCode).toBe(3);
    expect(stderr).toContain('CONFIG_UNREADABLE');
    expect(stderr).toMatch(/turingpi\.yaml:\d/);
  });

  it.runIf(process.platform === 'linux').each([
    ['demo', '--output', '/proc/turingpi'],
    ['virtual-board', '--dir', '/proc/turingpi'],
    ['image', 'info', 'none.img', '--cache-dir', '/proc/turingpi'],
  ])('a directory that cannot be made: %s %s', { timeout: 30_000 }, async (...words) => {
    // The system refuses every new name there as if the parent were missing.
    const { exitCode, stderr, stdout } = await runCli(words, { cwd: directory });
    expect(exitCode).not.toBe(0);
    expect(stderr, stdout).toMatch(/\/proc\/turingpi cannot be made/);
  });

  it('an unknown command and a bad port', async () => {
    expect((await runCli(['upp'], { cwd: directory })).exitCode).toBe(2);
    expect((await runCli(['virtual-board', '--port', 'x'], { cwd: directory })).exitCode).toBe(2);
    const taken = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void taken.close());
    await once(taken, 'listening');
    const port = String((taken.address() as AddressInfo).port);
    const second = await runCli(['virtual-board', '--port', port, '--json'], { cwd: directory });
    expect({ exitCode: second.exitCode, error: jsonLines(second.stdout).at(-1) }).toMatchObject({
      exitCode: 2,
      error: {
        code: 'USAGE',
        message: expect.stringContaining(`127.0.0.1:${port}, which is in use`) as string,
      },
    });
  });
});

describe('turingpi up with something wrong outside', () => {
  it.each([
    [
      'a missing base image',
      './none.img.xz',
      { event: 'error', code: 'CONFIG_INVALID', issues: [{ code: 'IMAGE_NOT_FOUND' }] },
    ],
    [
      'a base image that is not an image',
      './text.img.xz',
      { event: 'error', code: 'CONFIG_INVALID', issues: [{ code: 'IMAGE_NOT_AN_IMAGE' }] },
    ],
  ])('%s', async (_, baseImage, expected) => {
    await using site = await makeSite();
    await using board = await startVirtualBoard({
      nodes: [{ board: 'rk1' }],
      boot: 'shell',
      clock: { scale: 100 },
    });
    await writeFile(path.join(site.directory, 'text.img.xz'), 'this is not an image\n'.repeat(1000));
    await site.configure(board, {
      workflow: { ...usualWorkflow(site.publicKey, site.userPassword), baseImages: { ubuntu: baseImage } },
    });
    const { exitCode, stdout } = await runCli(['up', '--json', '--erase', 'all', '-c', site.configFile]);
    expect(exitCode).not.toBe(0);
    expect(jsonLines(stdout).find(({ event }) => event === expected.event)).toMatchObject(expected);
    expect(await readdir(site.cacheDir)).toEqual(
      expect.not.arrayContaining([expect.stringMatching(/\.img|turingpi-tmp/)]),
    );
  });

  it('an image for another board, unless it is forced', async () => {
    await using site = await makeSite();
    await site.configure(
      {
        https: { host: '127.0.0.1', port: 9 },
        publicKeyPin: `sha256:${'0'.repeat(64)}`,
        nodes: [],
      },
      { node1: { ip: '192.168.1.101', board: 'rk1', os: 'debian' } },
    );
    const failure = async (...options: string[]) => {
      const { stdout } = await runCli(['up', '--json', '--erase', 'all', '-c', site.configFile, ...options]);
      return jsonLines(stdout).find(({ event }) => event === 'node:failed');
    };
    expect(await failure()).toMatchObject({
      code: 'BOARD_MISMATCH',
      message: expect.stringContaining('made for Raspberry Pi boards') as string,
    });
    expect(await failure('--accept-image-mismatch')).toMatchObject({ code: 'BMC_UNREACHABLE' }); // one phase later
  });

  it('a board that does not answer', async () => {
    await using site = await makeSite();
    await site.configure({
      https: { host: '127.0.0.1', port: 9 },
      publicKeyPin: `sha256:${'0'.repeat(64)}`,
      nodes: [{ id: 1, board: 'rk1', ssh: { host: '127.0.0.1', port: 9 } }],
    });
    const { exitCode, stdout } = await runCli(['up', '--json', '--erase', 'all', '-c', site.configFile]);
    expect(exitCode).toBe(4);
    expect(jsonLines(stdout).find(({ event }) => event === 'node:failed')).toMatchObject({
      code: 'BMC_UNREACHABLE',
    });
  });

  it('a refused login', async () => {
    await using site = await makeSite();
    await using board = await startVirtualBoard({
      nodes: [{ board: 'rk1' }],
      boot: 'shell',
      clock: { scale: 100 },
    });
    await site.configure(board, {
      bmc: { port: board.https.port, password: 'wrong-password', publicKeyPin: board.publicKeyPin },
    });
    const { exitCode, stdout } = await runCli(['up', '--json', '--erase', 'all', '-c', site.configFile]);
    expect(exitCode).toBe(4);
    // Found before an image is made, once for all nodes: each try counts towards a ban.
    expect(jsonLines(stdout)).toEqual([
      expect.objectContaining({ event: 'error', code: 'BMC_AUTH_REFUSED' }),
    ]);
    expect(stdout).not.toContain('wrong-password');
  });
});
