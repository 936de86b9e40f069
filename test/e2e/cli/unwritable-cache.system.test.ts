import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { generateKeyPair } from '@turingpi/runtime';
import { baseImagePath } from '@turingpi/virtual-node';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requireTools } from '../../support/site/require-tools.js';
import { CLI } from '../../support/site/run-cli.js';

const { missing } = requireTools('mount', 'unshare');

let folder: string;
let config: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'turingpi-unwritable-'));
  const key = await generateKeyPair();
  await copyFile(baseImagePath('rk1-ubuntu.img.xz'), path.join(folder, 'base.img.xz'));
  await writeFile(path.join(folder, 'a-file'), '');
  await mkdir(path.join(folder, 'cache'));
  config = `ip: 127.0.0.1
bmc: { port: 1, password: x }
ssh: { privateKey: { file: ./key } }
network: { gateway: 192.0.2.1 }
node1: { ip: 192.0.2.91, board: rk1, os: ubuntu }
workflow:
  baseImages: { ubuntu: ./base.img.xz }
  user: { name: admin, sshKeys: ['${key.publicKey}'] }
`;
  await writeFile(path.join(folder, 'key'), key.privateKey.reveal(), { mode: 0o600 });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs a command with that folder read-only: also for root, as permissions are not. */
async function turingpi(cacheDir: string, readOnly: boolean, ...words: readonly string[]) {
  await writeFile(path.join(folder, 'turingpi.yaml'), `cacheDir: ${cacheDir}\n${config}`);
  const mounts = 'mount --bind cache cache && mount -o remount,ro,bind cache && exec "$@"';
  const command = [process.execPath, CLI, ...words];
  const [program = '', ...rest] = readOnly
    ? ['unshare', '-m', 'sh', '-c', mounts, 'sh', ...command]
    : command;
  const env = { HOME: folder, XDG_CACHE_HOME: path.join(folder, 'user') };
  return execa(program, rest, { cwd: folder, env, reject: false, stdin: 'ignore' });
}

describe.skipIf(missing)('a cache directory that cannot be written', () => {
  it('is said before anything is done where it cannot be made', async () => {
    for (const words of [['status'], ['up', '--until', 'image'], ['cache', 'list']]) {
      const { exitCode, stderr } = await turingpi('./a-file/cache', false, ...words);
      expect(exitCode, words.join(' ')).toBe(3);
      expect(stderr).toContain(`the cache directory ${folder}/a-file/cache cannot be made`);
      expect(stderr).toContain('Choose another `cacheDir`');
    }
  });

  it('keeps no command from reading, and the missing log is told once', async () => {
    const { exitCode, stdout, stderr } = await turingpi('./cache', true, 'status');
    expect([exitCode, stdout.includes('pending')]).toEqual([0, true]);
    expect(stderr.match(/warning: the log .*turingpi\.log cannot be written \(EROFS\)/g)).toHaveLength(1);
  });

  it('is a named error of what has to write there', async () => {
    const { exitCode, stdout, stderr } = await turingpi('./cache', true, 'up', '--until', 'image');
    expect(exitCode).toBe(5);
    expect(stdout + stderr).toContain('IMAGE_WRITE_FAILED');
    expect(stdout + stderr).toContain('EROFS');
    expect(stdout + stderr).not.toMatch(/^ {4}at /m);
  });
});
