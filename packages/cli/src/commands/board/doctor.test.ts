import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { generateKeyPair } from '@turingpi/runtime';
import { baseImagePath } from '@turingpi/virtual-node';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runCli } from '../../cli.js';
// What it loads takes its time: before the first test, rather than in it.
import './doctor.js';

const { publicKey, privateKey } = await generateKeyPair();

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'turingpi-doctor-'));
  await mkdir(path.join(folder, 'cache'));
  await copyFile(baseImagePath('rk1-ubuntu.img.xz'), path.join(folder, 'base.img.xz'));
  await writeFile(path.join(folder, 'key'), privateKey.reveal(), { mode: 0o600 });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function turingpi(...words: string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const exitCode = await runCli(['node', 'turingpi', ...words], {
    ...{ environment: {}, stdout, stderr, cwd: folder },
  });
  for (const stream of [stdout, stderr]) stream.end();
  return { exitCode, stdout: await text(stdout), stderr: await text(stderr) };
}

async function doctor(...words: string[]) {
  const { exitCode, stdout, stderr } = await turingpi('doctor', '--offline', '--json', ...words);
  expect(stderr).toBe('');
  return { exitCode, ...(JSON.parse(stdout) as { healthy: boolean; findings: { code: string }[] }) };
}

const configure = (content: string) => writeFile(path.join(folder, 'turingpi.yaml'), content);

const GOOD = `ip: 192.168.1.90
cacheDir: ./cache
bmc: { password: { env: NOT_SET_ANYWHERE } }
ssh: { privateKey: { file: ./key } }
node1: { ip: 192.168.1.101, board: rk1, os: ubuntu }
workflow:
  baseImages: { ubuntu: ./base.img.xz }
  user:
    sshKeys: [${publicKey}]
`;

it('offline finds nothing wrong without a board and its password', async () => {
  await configure(GOOD);
  expect(await doctor()).toEqual({ exitCode: 0, healthy: true, findings: [], fixed: [] });
  expect((await turingpi('doctor', '--offline')).stdout).toBe('nothing is wrong\n');
});

it('finds what is wrong in the configuration, and in what is on record beside it', async () => {
  await configure(GOOD.replace('./base.img.xz', './absent.img.xz'));
  await writeFile(path.join(folder, 'cache/tpi_state.json'), '{');
  expect(await doctor()).toMatchObject({
    ...{ exitCode: 1, healthy: false },
    findings: [
      {
        code: 'LOCAL_CONFIGURATION',
        message: expect.stringMatching(/^turingpi\.yaml:7:\d+: .*absent/) as string,
      },
      { code: 'LOCAL_RECORDS' },
    ],
  });
  const { stdout } = await turingpi('doctor', '--offline');
  expect(stdout).toContain('[LOCAL_CONFIGURATION]');
  expect(stdout).toContain('2 things are wrong');
});

it('says all that is wrong in a configuration that cannot be used', async () => {
  await configure(GOOD.replace('board: rk1', 'bord: rk1').replace('192.168.1.90', '192.168.1.900'));
  const { exitCode, findings } = await doctor();
  expect(exitCode).toBe(1);
  expect(findings.length).toBeGreaterThan(1);
  expect(new Set(findings.map(({ code }) => code))).toEqual(new Set(['LOCAL_CONFIGURATION']));
});

it('is what `state verify` and `cache verify` are called now', async () => {
  await configure(GOOD);
  for (const [before, now] of [
    ['state verify', 'turingpi doctor --offline'],
    ['cache verify', 'turingpi doctor --offline --cache'],
  ] as const) {
    const { exitCode, stderr } = await turingpi(...before.split(' '));
    expect(exitCode).toBe(0);
    expect(stderr).toContain(`turingpi ${before} is called ${now} now`);
  }
  expect((await turingpi('state', '--help')).stdout).not.toContain('verify');
});

it('names a configuration that is not there', async () => {
  const { exitCode, stdout } = await turingpi('doctor', '-c', 'absent.yaml', '--json');
  expect(exitCode).toBe(3);
  expect(JSON.parse(stdout)).toMatchObject({ event: 'error', code: 'CONFIG_NOT_FOUND' });
});
