import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { generateKeyPair } from '@turingpi/runtime';
import { baseImagePath } from '@turingpi/virtual-node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCli } from '../../cli.js';
// What they load takes its time: before the first test, rather than in it.
import './schema.js';
import './validate.js';

const { publicKey, privateKey } = await generateKeyPair();

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'turingpi-validate-'));
  await copyFile(baseImagePath('rk1-ubuntu.img.xz'), path.join(folder, 'base.img.xz'));
  await writeFile(path.join(folder, 'key'), privateKey.reveal(), { mode: 0o600 });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function turingpi(...words: string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const terminal = { environment: { TPI_PASSWORD: 'x' }, stdout, stderr, cwd: folder };
  const exitCode = await runCli(['node', 'turingpi', ...words], terminal);
  for (const stream of [stdout, stderr]) stream.end();
  return { exitCode, stdout: await text(stdout), stderr: await text(stderr) };
}

const GOOD = `ip: 192.168.1.90
cacheDir: ./cache
bmc: { password: { env: TPI_PASSWORD } }
ssh: { privateKey: { file: ./key } }
node1: { ip: 192.168.1.101, board: rk1, os: ubuntu }
node2: { ip: 192.168.1.102, board: rk1, os: ubuntu }
workflow:
  baseImages: { ubuntu: ./base.img.xz }
  user:
    sshKeys: [${publicKey}]
`;

async function validate(content: string) {
  await writeFile(path.join(folder, 'turingpi.yaml'), content);
  const { exitCode, stdout } = await turingpi('validate', '--json');
  const { valid, problems } = JSON.parse(stdout) as {
    valid: boolean;
    problems: {
      key?: string;
      message: string;
      code?: string;
      file: string;
      line?: number;
      column?: number;
    }[];
  };
  return { exitCode, valid, problems };
}

describe('turingpi validate', () => {
  it('finds nothing in a good configuration, and makes nothing', async () => {
    expect(await validate(GOOD)).toEqual({ exitCode: 0, valid: true, problems: [] });
    expect((await readdir(folder)).sort()).toEqual(['base.img.xz', 'key', 'turingpi.yaml']);
    expect(await turingpi('validate')).toEqual({
      exitCode: 0,
      stdout: 'turingpi.yaml: nothing is wrong\n',
      stderr: '',
    });
  });

  it('tells all that is wrong at once, with places, and the misspelt keys first', async () => {
    const { exitCode, problems } = await validate(
      GOOD.replace('node1: { ip: 192.168.1.101, board: rk1', 'node1: { ip: 192.168.1.300, bord: rk1')
        .replace('sshKeys:', 'sshKey:')
        .replace('board: rk1, os: ubuntu }\nworkflow', 'board: rk2, os: ubuntu }\nworkflow'),
    );
    expect(exitCode).toBe(3);
    expect(problems.map(({ file, line, column, key }) => `${file}:${line}:${column} ${key}`)).toEqual([
      'turingpi.yaml:5:29 node1.bord',
      'turingpi.yaml:10:5 workflow.user.sshKey',
      'turingpi.yaml:5:10 node1.ip',
      'turingpi.yaml:6:29 node2.board',
    ]);
    expect(problems[0]?.message).toContain('did you mean `board`?');
    expect(problems[3]?.message).toContain('did you mean `rk1`?');
  });

  it('tells the keys that nobody knows, then what is missing, then the rest, each by its line', async () => {
    const { problems } = await validate(
      GOOD.replace('192.168.1.101, board: rk1', '192.168.1.300')
        .replace('ip: 192.168.1.90', 'network: { prefixLength: 99, zzzzzzz: 1 }')
        .replace('sshKeys:', 'sshKey:'),
    );
    expect(problems.map(({ line, key }) => `${line} ${key}`)).toEqual([
      '1 network.zzzzzzz',
      '10 workflow.user.sshKey',
      '5 node1.board',
      'undefined ip',
      '1 network.prefixLength',
      '5 node1.ip',
    ]);
  });

  it.each<[what: string, before: string, after: string, key: string, message: string]>([
    ['a time zone', 'user:', 'timezone: Europe/Berln\n  user:', 'workflow.timezone', 'Europe/Berlin?'],
    [
      'a time zone in a step',
      'user:',
      'postInstall: [timezone: Europe/Berln]\n  user:',
      'workflow.postInstall[0].timezone',
      'Europe/Berlin?',
    ],
    [
      'a truth value for the kernel',
      'user:',
      'postInstall: [sysctl: { net.ipv4.ip_forward: yes }]\n  user:',
      'workflow.postInstall[0].sysctl.net.ipv4.ip_forward',
      '1 and 0',
    ],
    [
      'a key of a step',
      'user:',
      'postInstall: [service: { name: app, restart: true }]\n  user:',
      'workflow.postInstall[0].service.restart',
      'did you mean `restarted`?',
    ],
    [
      'a filesystem',
      'user:',
      'postInstall: [format: { device: /dev/sda1, type: ext3 }]\n  user:',
      'workflow.postInstall[0].format.type',
      'did you mean `ext4`?',
    ],
    ['the plural', 'ip: 192.168.1.90', 'board: { shelf: { ip: 192.168.1.90 } }', 'board', '`boards`?'],
    ['a base image', '{ ubuntu: ./', '{ ubunut/rk1: ./', 'workflow.baseImages.ubunut/rk1', '`ubuntu/rk1`?'],
  ])('says once what is wrong with %s, and what is right', async (_, before, after, key, message) => {
    const { problems } = await validate(GOOD.replace(before, after));
    expect(problems).toMatchObject([{ key, message: expect.stringContaining(message) as string }]);
  });

  it('tells that a private key is for none of the public ones', async () => {
    const stranger = (await generateKeyPair()).publicKey;
    const { problems } = await validate(GOOD.replace(publicKey, stranger));
    expect(problems).toMatchObject([{ key: 'ssh.privateKey', code: 'LOGIN_MISSING', line: 4 }]);
    for (const fine of [`'cert-authority ${stranger}'`, `${stranger}, ${publicKey}`])
      expect(await validate(GOOD.replace(publicKey, fine))).toMatchObject({ valid: true });
    const withPassword = GOOD.replace(publicKey, stranger).replace('ssh: {', 'ssh: { password: x,');
    expect(await validate(withPassword)).toMatchObject({ valid: true });
  });

  it.each([
    ['a base image that is not there', './base.img.xz', './none.img.xz', 'IMAGE_NOT_FOUND'],
    ['a base image that is none', './base.img.xz', './key', 'IMAGE_NOT_AN_IMAGE'],
    ['a private key that is none', '{ file: ./key }', '{ file: ./turingpi.yaml }', 'SSH_PRIVATE_KEY_INVALID'],
    ['a private key that is not there', '{ file: ./key }', '{ file: ./none }', 'CONFIG_SECRET_MISSING'],
    ['a public key that is none', publicKey, 'ssh-ed25519 AAAA', 'SSH_PUBLIC_KEY_INVALID'],
    ['a variable that is not set', 'env: TPI_PASSWORD', 'env: TPI_NONE', 'CONFIG_SECRET_MISSING'],
    ['nothing to log in with', 'ssh: { privateKey: { file: ./key } }\n', '', 'LOGIN_MISSING'],
  ])('finds %s before a phase does', async (_, before, after, code) => {
    const { exitCode, problems } = await validate(GOOD.replace(before, after));
    expect(problems.map((problem) => problem.code)).toEqual([code]);
    expect(exitCode).toBe(3);
  });

  it('says of what is no configuration at all where that shows', async () => {
    const { exitCode, problems } = await validate('ip: [');
    const place = { code: 'CONFIG_UNREADABLE', line: 1, column: 5 };
    expect({ exitCode, problems }).toMatchObject({ exitCode: 3, problems: [place] });
    expect((await turingpi('validate')).stdout.split('turingpi.yaml')).toHaveLength(2);
    await writeFile(path.join(folder, 'empty.yaml'), '');
    expect((await turingpi('validate', 'empty.yaml')).stdout).toContain('turingpi init');
    expect((await turingpi('validate', 'none.yaml')).stderr).toContain('CONFIG_NOT_FOUND');
  });

  it('names a plugin that is not there', async () => {
    const { exitCode, problems } = await validate(`plugins: [nobody-has-this]\n${GOOD}`);
    expect({ exitCode, problems }).toMatchObject({ exitCode: 3, problems: [{ code: 'PLUGIN_NOT_FOUND' }] });
  });

  it('looks at each of several boards, and tells what they share once', async () => {
    const shared = GOOD.slice(GOOD.indexOf('workflow:')).replace('./base.img.xz', './missing.img.xz');
    const node = (ip: string) => `node1: { ip: ${ip}, board: rk1, os: ubuntu }`;
    const { exitCode, problems } = await validate(
      [
        'boards:',
        `  shelf: { ip: 192.168.1.90, ${node('192.168.1.101')} }`,
        `  rack: { ip: 192.168.1.90, ${node('192.168.1.102').replace('rk1', 'rk9')} }`,
        shared,
      ].join('\n'),
    );
    expect(exitCode).toBe(3);
    expect(problems.map(({ line, key }) => `${line} ${key}`).sort()).toEqual([
      '3 boards.rack.ip',
      '3 boards.rack.node1.board',
      '5 workflow.baseImages.ubuntu',
    ]);
  });

  it('needs no workflow', async () => {
    expect(await validate('ip: 192.168.1.90\nnode1: { ip: 192.168.1.101, board: rk1 }\n')).toMatchObject({
      valid: true,
    });
  });
});

describe('turingpi schema', () => {
  it('goes to the output or into a file, also while the configuration is wrong', async () => {
    await writeFile(path.join(folder, 'turingpi.yaml'), 'ip: [');
    const { exitCode, stdout } = await turingpi('schema');
    expect(exitCode).toBe(0);
    const { properties } = JSON.parse(stdout) as { properties: Record<string, unknown> };
    expect(JSON.stringify(properties['workflow'])).toContain('postInstall');
    expect(JSON.stringify(properties['boards'])).toContain('"node4"');
    expect((await turingpi('schema', '-o', 'schema.json')).exitCode).toBe(0);
    expect(await readFile(path.join(folder, 'schema.json'), 'utf8')).toBe(stdout);
    expect((await turingpi('schema', '-o', 'none/schema.json')).exitCode).toBe(2);
  });
});
