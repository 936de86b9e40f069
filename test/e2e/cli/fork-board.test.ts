import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startVirtualBoard, type VirtualBoard } from '@turingpi/virtual-board';
import { type CliResult, jsonLines, runCli } from '../../support/site/run-cli.js';

const FACTORY = 'turing';
const PASSWORD = `secret-${randomBytes(6).toString('hex')}`;

let directory: string;
let board: VirtualBoard;
const printed: string[] = [];

beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'turingpi-fork-'));
});
afterEach(async () => {
  await board[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

function start(profile: 'hive-2.38' | 'pr258'): Promise<VirtualBoard> {
  const dir = path.join(directory, 'board');
  return startVirtualBoard({ profile, clock: { scale: 100 }, emmcSizeBytes: 64 << 20, boot: 'none', dir });
}

/** A file that looks like the image of a disk. */
async function writeImage(file: string): Promise<Buffer> {
  const bytes = randomBytes(3 << 20);
  bytes.fill(0, 0, 512);
  bytes.writeUInt16LE(0xaa55, 510);
  await writeFile(file, bytes);
  return bytes;
}

async function startOfStorage(node: number, length: number): Promise<Buffer> {
  await using emmc = await open(board.nodes[node - 1]!.emmc!);
  return (await emmc.read(Buffer.alloc(length), 0, length, 0)).buffer;
}

async function turingpi(parameters: readonly string[], password: string): Promise<CliResult> {
  const env = {
    XDG_CACHE_HOME: path.join(directory, 'cache'),
    TPI_HOSTNAME: board.https.host,
    TPI_PORT: String(board.https.port),
    TPI_PASSWORD: password,
  };
  const result = await runCli([...parameters, '--http-port', String(board.http!.port)], {
    cwd: directory,
    env,
  });
  printed.push(result.stdout, result.stderr);
  return result;
}

const last = ({ stdout, stderr }: CliResult) => jsonLines(stdout.trim() === '' ? stderr : stdout).at(-1);

it('init gives a board as it is shipped a password, when there is one, and writes where that is', async () => {
  board = await start('hive-2.38');
  const image = path.join(directory, 'image.img');
  await writeImage(image);
  const words = [
    ...['init', '--yes', '--json', '--fingerprint', board.certificateFingerprint],
    ...['--nodes', 'rk1', '--image', `ubuntu/rk1=${image}`, '--ssh-key', 'new'],
  ];
  const configuration = path.join(directory, 'turingpi.yaml');
  const refused = await turingpi(words, FACTORY);
  expect(refused.exitCode).toBe(4);
  expect(last(refused)).toMatchObject({ code: 'BMC_FACTORY_PASSWORD' });
  expect(existsSync(configuration)).toBe(false);

  await writeFile(path.join(directory, 'secret.txt'), `${PASSWORD}\n`);
  const made = await turingpi([...words, '--new-password-file', 'secret.txt'], FACTORY);
  expect(made.exitCode, made.stdout).toBe(0);
  expect(await readFile(configuration, 'utf8')).toContain('password: { file: ./secret.txt }');
  // The configuration has the new password, and the old one is none any more.
  const asked = await runCli(['board', 'info', '--json'], {
    cwd: directory,
    env: { XDG_CACHE_HOME: path.join(directory, 'cache') },
  });
  expect(asked.exitCode, asked.stdout).toBe(0);
  expect(printed.join('\n')).not.toContain(PASSWORD);
});

it('a board as it is shipped is trusted, gets a password, and is then used as any other', async () => {
  board = await start('hive-2.38');
  expect((await turingpi(['board', 'trust', '--yes'], FACTORY)).exitCode).toBe(0);
  for (const command of [
    ['board', 'info'],
    ['node', 'power', 'status'],
    ['node', 'usb', 'status'],
  ]) {
    const refused = await turingpi([...command, '--json'], FACTORY);
    expect(refused.exitCode).toBe(4);
    expect(last(refused)).toMatchObject({ code: 'BMC_FACTORY_PASSWORD' });
  }
  const secret = path.join(directory, 'secret.txt');
  await writeFile(secret, 'too short\n');
  const change = ['board', 'password', '--new-password-file', secret, '--json'];
  expect(last(await turingpi(change, FACTORY))).toMatchObject({ code: 'BMC_PASSWORD_REFUSED' });
  expect((await turingpi(['board', 'password'], FACTORY)).exitCode).toBe(2); // nobody can be asked
  await writeFile(secret, `${PASSWORD}\n`);
  expect(last(await turingpi(change, FACTORY))).toMatchObject({ passwordChanged: { username: 'root' } });

  expect(last(await turingpi(['board', 'info', '--json'], PASSWORD))).toMatchObject({
    about: { boardSerial: board.identity.boardSerial },
    capabilities: { profile: 'fork' },
  });
  expect((await turingpi(['node', 'power', 'on', '--node', '4'], PASSWORD)).exitCode).toBe(0);
  expect((await turingpi(['node', 'power', 'off', '--node', '4'], PASSWORD)).exitCode).toBe(0);
  expect((await turingpi(['node', 'usb', 'device', '--node', '2', '--bmc'], PASSWORD)).exitCode).toBe(0);

  const image = path.join(directory, 'image.img');
  const bytes = await writeImage(image);
  expect((await turingpi(['node', 'flash', image, '--node', '2', '--erase', '2'], PASSWORD)).exitCode).toBe(
    0,
  );
  expect((await startOfStorage(2, bytes.length)).equals(bytes)).toBe(true);
  expect((await turingpi(['doctor'], PASSWORD)).exitCode).toBe(0);

  for (const text of printed) expect(text).not.toContain(PASSWORD);
}, 240_000);

it('a board behind the firewall of the open pull request 258 is used as any other', async () => {
  board = await start('pr258');
  expect((await turingpi(['board', 'trust', '--yes'], FACTORY)).exitCode).toBe(0);
  expect(last(await turingpi(['board', 'info', '--json'], FACTORY))).toMatchObject({
    capabilities: { profile: '2.3.7' },
  });
  expect((await turingpi(['node', 'power', 'on', '--node', '4'], FACTORY)).exitCode).toBe(0);
  expect((await turingpi(['node', 'power', 'off', '--node', '4'], FACTORY)).exitCode).toBe(0);
  expect((await turingpi(['node', 'usb', 'device', '--node', '2', '--bmc'], FACTORY)).exitCode).toBe(0);
  const image = path.join(directory, 'image.img');
  const bytes = await writeImage(image);
  expect((await turingpi(['node', 'flash', image, '--node', '2', '--erase', '2'], FACTORY)).exitCode).toBe(0);
  expect((await startOfStorage(2, bytes.length)).equals(bytes)).toBe(true);
  const secret = path.join(directory, 'secret.txt');
  await writeFile(secret, PASSWORD);
  const change = await turingpi(['board', 'password', '--new-password-file', secret, '--json'], FACTORY);
  expect(last(change)).toMatchObject({ code: 'BMC_NOT_SUPPORTED' });
  expect((await turingpi(['doctor'], FACTORY)).exitCode).toBe(0);
}, 240_000);
