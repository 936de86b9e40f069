import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type BoardFaults, startVirtualBoard, type VirtualBoard } from '@turingpi/virtual-board';
import { stringify } from 'yaml';
import { CLI, type CliResult, jsonLines, runCli, startCli } from '../../support/site/run-cli.js';

const PASSWORD = `secret-${randomBytes(6).toString('hex')}`;
const IMAGE_BYTES = 3 << 20;

let directory: string;
let board: VirtualBoard;
let image: string;
let bytes: Buffer;
const servers: Server[] = [];

// One board and one folder for all: starting the program is what takes the time.
beforeAll(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'turingpi-board-commands-'));
  board = await startVirtualBoard({
    password: PASSWORD,
    clock: { scale: 100 },
    emmcSizeBytes: 64 << 20,
    simulateRestarts: false,
    nodes: [{ board: 'rk1' }, { board: 'rk1' }, { board: 'cm4' }, { board: 'cm4' }],
    boot: 'none',
    dir: path.join(directory, 'board'),
  });
  image = path.join(directory, 'image.img');
  bytes = diskImage();
  await writeFile(image, bytes);
  expect((await turingpi(['board', 'trust', '--yes', '--json'])).exitCode).toBe(0);
});
afterAll(async () => {
  await board[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});
beforeEach(() => board.setFaults({}));
afterEach(() => Promise.all(servers.splice(0).map((server) => new Promise((end) => server.close(end)))));

/** Noise with a partition table's signature, so that nobody takes it for another format. */
function diskImage(): Buffer {
  const raw = randomBytes(IMAGE_BYTES);
  raw.fill(0, 0, 512);
  raw.writeUInt16LE(0xaa55, 510);
  return raw;
}

function environment(changes: Readonly<Record<string, string>> = {}): Record<string, string> {
  return {
    XDG_CACHE_HOME: path.join(directory, 'cache'),
    TPI_HOSTNAME: board.https.host,
    TPI_PORT: String(board.https.port),
    TPI_USERNAME: 'root',
    TPI_PASSWORD: PASSWORD,
    ...changes,
  };
}

/** Everything that the program ever printed, for the search for secrets. */
const printed: string[] = [];

async function turingpi(parameters: readonly string[], changes?: Record<string, string>): Promise<CliResult> {
  const result = await runCli(parameters, { cwd: directory, env: environment(changes) });
  printed.push(result.stdout, result.stderr);
  return result;
}

/** Runs a command that must succeed and print exactly one JSON object. */
async function json(...parameters: string[]): Promise<Record<string, unknown>> {
  const result = await turingpi([...parameters, '--json']);
  expect(result, result.stderr).toMatchObject({ exitCode: 0 });
  const lines = result.stdout.trim().split('\n');
  expect(lines).toHaveLength(1);
  return JSON.parse(lines[0] ?? '') as Record<string, unknown>;
}

/** Runs a command that must fail and returns its exit code with its error record. */
async function failure(parameters: readonly string[], changes?: Record<string, string>) {
  const result = await turingpi([...parameters, '--json'], changes);
  const { code, hint } = jsonLines(result.stdout).at(-1) ?? {};
  return { exitCode: result.exitCode, code, hint };
}

async function emmc(node: number): Promise<Buffer> {
  const file = await open(board.nodes[node - 1]!.emmc!, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(IMAGE_BYTES), 0, IMAGE_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

async function isBlank(node: number): Promise<boolean> {
  return (await emmc(node)).every((byte) => byte === 0);
}

const powered = () => board.nodes.map((node) => node.powered);

describe('each command, in JSON', () => {
  it('power switches the named node and no other', async () => {
    expect(await json('node', 'power', 'on', '--node', '3')).toEqual({
      power: { node1: 'off', node2: 'off', node3: 'on', node4: 'off' },
    });
    expect(powered()).toEqual([false, false, true, false]);
    board.clearPinLog();
    await json('node', 'power', 'reset', '-n', '3');
    expect(board.pinLog.join('\n')).not.toMatch(/Node [124]/);
    await json('node', 'power', 'off', '-n', '3');
    expect(await json('node', 'power', 'status')).toMatchObject({ power: { node3: 'off' } });
    expect(powered()).toEqual([false, false, false, false]);
    expect(await failure(['node', 'power', 'reset'])).toMatchObject({ exitCode: 2, code: 'USAGE' });
  });

  it('usb sets mode and route of one node', async () => {
    expect(await json('node', 'usb', 'flash', '--node', '3', '--bmc')).toEqual({
      usb: { node: 3, mode: 'flash', route: 'bmc', bus: 'hub' },
    });
    expect(await json('node', 'usb', 'device', '--node', '1')).toMatchObject({
      usb: { node: 1, mode: 'device', route: 'port' },
    });
    expect(await json('node', 'usb', 'status')).toMatchObject({ usb: { mode: 'device' } });
    expect(await failure(['node', 'usb', 'host', '--node', '1'])).toMatchObject({
      exitCode: 1,
      code: 'BMC_USB_HOST_UNSUPPORTED',
    });
    expect(await failure(['node', 'usb', 'device'])).toMatchObject({ exitCode: 2, code: 'USAGE' });
    await json('node', 'usb', 'device', '--node', '1');
  });

  it('uart shows the console of one node, types on it, and appends to a log of its owner', async () => {
    board.printConsole(2, 'hello from two\r\n');
    const log = path.join(directory, 'two.log');
    expect(await json('node', 'uart', '-n', '2', '--log', 'two.log')).toEqual({
      uart: { node: 2, text: expect.stringContaining('hello from two') as string },
    });
    expect(await readFile(log, 'utf8')).toContain('hello from two');
    if (process.platform !== 'win32') expect((await stat(log)).mode & 0o777).toBe(0o600);
    expect(JSON.stringify(await json('node', 'uart', '-n', '3'))).not.toContain('hello');
    expect(await json('node', 'uart', '-n', '2', '--send', 'reboot')).toEqual({
      uart: { node: 2, sent: true },
    });
    expect(await failure(['node', 'uart', '-n', '1,2'])).toMatchObject({ exitCode: 2 });
  });

  it('info, cooling', async () => {
    expect(await json('board', 'info')).toMatchObject({
      about: { bmcdVersion: '2.3.7' },
      capabilities: { profile: '2.3.7', decodesXz: true },
    });
    expect(await json('board', 'cooling', 'system fan', '5')).toEqual({
      cooling: [{ device: 'system fan', speed: 5, maxSpeed: 6 }],
    });
    expect(await json('board', 'cooling')).toMatchObject({ cooling: [{ speed: 5 }] });
    expect(await failure(['board', 'cooling', 'system fan', '9'])).toMatchObject({
      code: 'BMC_COOLING_REFUSED',
    });
    expect(await failure(['board', 'cooling', 'system fan'])).toMatchObject({ exitCode: 2, code: 'USAGE' });
  });

  it('bmc reboot, backup and firmware', async () => {
    expect(await json('board', 'reboot', '--yes')).toMatchObject({ rebooting: { host: board.https.host } });
    const file = path.join(directory, 'backup.tar.gz');
    expect(await json('board', 'backup', 'backup.tar.gz')).toMatchObject({ backup: { file } });
    if (process.platform !== 'win32') expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await readFile(file)).subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]));

    const firmware = path.join(directory, 'firmware.tpu');
    await writeFile(firmware, randomBytes(1 << 20));
    const staged = await turingpi(['board', 'firmware', firmware, '--yes', '--json']);
    expect(staged.exitCode, staged.stdout).toBe(0);
    expect(jsonLines(staged.stdout).at(-1)).toMatchObject({ event: 'staged', rebootNeeded: true });
    expect(board.transferStatus).toContain('Done');
    expect(await failure(['board', 'firmware', 'absent.tpu', '--yes'])).toMatchObject({
      exitCode: 1,
      code: 'BMC_FLASH_IMAGE_UNUSABLE',
    });
  });

  it('trust shows the key that it remembers', async () => {
    expect(await json('board', 'trust', '--yes')).toMatchObject({
      trusted: { publicKeyPin: board.publicKeyPin, certificateFingerprint: board.certificateFingerprint },
    });
  });

  it('nothing that needs a confirmation happens without one', async () => {
    // Erasing has an approval of its own; --yes is none for a board without a configuration.
    for (const command of [
      ['node', 'flash', image, '-n', '1'],
      ['node', 'flash', image, '-n', '1', '--yes'],
      ['node', 'flash', image, '-n', '1', '--erase', '2'],
      ['node', 'flash', image, '-n', '1', '--erase', 'new'],
    ])
      expect(await failure(command)).toMatchObject({ exitCode: 6, code: 'ERASE_NOT_APPROVED' });
    for (const command of [
      ['board', 'reboot'],
      ['board', 'firmware', image],
      ['board', 'trust'],
    ])
      expect(await failure(command)).toMatchObject({ exitCode: 2, code: 'USAGE' });
    expect(await isBlank(1)).toBe(true);
  });

  it.each(['node power', 'node usb', 'node uart', 'board info', 'node flash', 'board trust', 'doctor'])(
    '%s --help shows an example',
    async (command) => {
      const { exitCode, stdout } = await turingpi([...command.split(' '), '--help']);
      expect(exitCode).toBe(0);
      expect(stdout).toMatch(/Examples?:\n +turingpi /);
    },
  );
});

describe('doctor', () => {
  it('switches no node off that was not named', async () => {
    const port = ['--host', board.https.host, '--port', String(board.https.port)];
    const all = [...port, '--http-port', String(board.http!.port)];
    await json('node', 'power', 'on', '-n', '1');
    board.setFaults({ bringUp: 'not-found' });
    await board.startForeignTransfer(3);
    await expect.poll(() => board.transferStatus).toContain('Error');
    board.setFaults({});
    const powered = () => board.nodes.map((node) => node.powered);
    expect(powered().slice(0, 3)).toEqual([true, false, true]);
    const refused = await turingpi(['doctor', ...all, '--fix', '--yes', '--node', '1']);
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain('--node 3');
    expect(powered().slice(0, 3)).toEqual([true, false, true]);
    await turingpi(['doctor', ...all, '--fix', '--node', '3']);
    expect(powered().slice(0, 3)).toEqual([true, false, false]);
    await json('node', 'power', 'off', '-n', '1', '--hard');
  });

  it('tells of a node which module it is, how it started, and what it sees of this computer', async () => {
    const port = ['--host', board.https.host, '--port', String(board.https.port)];
    const all = [...port, '--http-port', String(board.http!.port)];
    expect(await json('doctor', ...all, '--node', '2')).toMatchObject({
      healthy: true,
      findings: expect.arrayContaining([
        expect.objectContaining({ code: 'NODE_MODULE', severity: 'note' }),
        expect.objectContaining({ code: 'NODE_BOOT', severity: 'note' }),
      ]) as unknown,
    });
  });

  it('says that nothing is wrong, and what is, and undoes it', async () => {
    const port = ['--host', board.https.host, '--port', String(board.https.port)];
    const all = [...port, '--http-port', String(board.http!.port)];
    expect(await json('doctor', ...all)).toMatchObject({ healthy: true, fixed: [] });
    await json('node', 'usb', 'flash', '-n', '2');
    const sick = await turingpi(['doctor', ...all]);
    expect(sick.exitCode).toBe(1);
    expect(sick.stdout).toContain('BMC_USB_MODE_FLASH, fixable');
    expect(await json('doctor', ...all, '--fix')).toMatchObject({ healthy: true });
    expect(await json('node', 'usb', 'status')).toMatchObject({ usb: { node: 2, mode: 'device' } });

    const left = path.join(directory, `.image.img.${await endedProcess()}.0123456789ab.turingpi-tmp`);
    await writeFile(left, 'a part of an image');
    expect((await turingpi(['doctor', ...all])).stdout).toContain(left);
    expect(await json('doctor', ...all, '--fix')).toMatchObject({
      fixed: expect.arrayContaining([`removed temporary-file ${left}`]) as unknown,
    });
    expect(existsSync(left)).toBe(false);

    const release = await board.holdLock();
    const held = await turingpi(['doctor', ...all, '--patience', '1', '--json']);
    release();
    expect(held.exitCode).toBe(1);
    expect(jsonLines(held.stdout).at(-1)).toMatchObject({
      healthy: false,
      findings: expect.arrayContaining([
        expect.objectContaining({ code: 'BMC_API_HELD', severity: 'error' }),
      ]) as unknown,
    });
  });
});

describe('flash', () => {
  it('writes the image to that node and to no other, and verifies it', async () => {
    const result = await turingpi([
      ...['node', 'flash', image, '-n', '3', '--erase', '3'],
      ...['--power-on', '--json'],
    ]);
    expect(result.exitCode, result.stdout).toBe(0);
    expect(jsonLines(result.stdout).at(-1)).toMatchObject({
      event: 'flashed',
      node: 3,
      rawSizeBytes: IMAGE_BYTES,
    });
    expect((await emmc(3)).equals(bytes)).toBe(true);
    for (const other of [1, 2, 4]) expect(await isBlank(other)).toBe(true);
    expect(powered()).toEqual([false, false, true, false]);
    await json('node', 'power', 'off', '-n', '3');
  });

  it('lets the board fetch it, and reads what is on the board', async () => {
    const url = await serve(bytes);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const wrong = await failure([
      ...['node', 'flash', '--url', url, '--sha256', '0'.repeat(64), '-n', '4', '--erase', '4'],
    ]);
    expect(wrong).toMatchObject({ exitCode: 1, code: 'BMC_FLASH_CHECKSUM_MISMATCH' });
    const fetched = await turingpi([
      ...['node', 'flash', '--url', url, '--sha256', sha256],
      ...['-n', '4', '--erase', '4'],
    ]);
    expect(fetched.exitCode, fetched.stderr).toBe(0);
    expect((await emmc(4)).equals(bytes)).toBe(true);

    const other = diskImage();
    await writeFile(path.join(board.sdCardDir, 'card.img'), other);
    const read = await turingpi([
      ...['node', 'flash', '--bmc-file', '/mnt/sdcard/card.img', '-n', '4', '--erase', '4'],
      ...['--skip-readback', '--other-nodes', 'keep'],
    ]);
    expect(read.exitCode, read.stderr).toBe(0);
    expect(read.stdout).toContain('not read back');
    expect((await emmc(4)).equals(other)).toBe(true);
    expect(await isBlank(1)).toBe(true);
  });

  it.each<[string, BoardFaults, string]>([
    ['a bad read-back', { corruptEmmcAt: 1 << 20 }, 'BMC_FLASH_READBACK_MISMATCH'],
    ['a defective eMMC', { emmcErrorAt: 1 << 20 }, 'BMC_FLASH_IO_ERROR'],
    ['a false Done', { malformedForm: true }, 'BMC_FLASH_FORM_REFUSED'],
    ['two modules at once', { bringUp: 'several-devices' }, 'BMC_FLASH_SEVERAL_MODULES'],
  ])('exits with 1 after %s', { timeout: 120_000 }, async (_name, faults, code) => {
    board.setFaults(faults);
    expect(await failure(['node', 'flash', image, '-n', '2', '--erase', '2'])).toMatchObject({
      exitCode: 1,
      code,
    });
    expect(powered()).toEqual([false, false, false, false]);
  });

  it.each([
    [['node', 'flash', 'IMAGE']],
    [['node', 'flash', 'IMAGE', '-n', '1,2']],
    [['node', 'flash', '-n', '1']],
    [['node', 'flash', 'IMAGE', '--url', 'http://a/b', '-n', '1']],
    [['node', 'flash', '--url', 'http://a/b', '-n', '1']],
    [['node', 'flash', '--url', 'http://a/b', '--sha256', 'abc', '-n', '1']],
    [['node', 'flash', '--url', '/etc/passwd', '--sha256', 'a'.repeat(64), '-n', '1']],
    [['node', 'flash', 'IMAGE', '--sha256', 'a'.repeat(64), '-n', '1']],
    [['node', 'flash', '--bmc-file', 'relative.img', '-n', '1']],
  ])('refuses %j', async (parameters) => {
    const command = parameters.map((parameter) => (parameter === 'IMAGE' ? image : parameter));
    expect(await failure([...command, '--yes'])).toMatchObject({ exitCode: 2, code: 'USAGE' });
  });

  it.skipIf(process.platform === 'win32')(
    'is cancelled on the board by Ctrl-C and says how it was left; no secret is in its arguments',
    async () => {
      // A board of its own that writes slowly: there is time to stop.
      await using slow = await startVirtualBoard({
        ...{ password: PASSWORD, boot: 'none', clock: { scale: 100 } },
        ...{ emmcSizeBytes: 64 << 20, emmcBytesPerSecond: 100_000 },
      });
      const env = environment({ TPI_PORT: String(slow.https.port) });
      expect((await runCli(['board', 'trust', '--yes'], { cwd: directory, env })).exitCode).toBe(0);
      const child = startCli(['node', 'flash', image, '-n', '1', '--erase', '1', '--json'], {
        cwd: directory,
        env,
      });
      let stdout = '';
      child.stdout!.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
      const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
      await expect.poll(() => slow.transferStatus, { timeout: 30_000 }).toMatch(/"bytes_written":[1-9]/);
      if (existsSync('/proc')) {
        const lines = await commandLinesOf(child.pid!);
        expect(lines.length).toBeGreaterThan(0);
        expect(lines.join('\n')).toContain(CLI);
        expect(lines.join('\n')).not.toContain(PASSWORD);
      }
      child.kill('SIGINT');
      expect(await ended).toBe(130);
      printed.push(stdout);
      expect(jsonLines(stdout).at(-1)).toMatchObject({ event: 'error', code: 'ABORTED' });
      expect(slow.transferStatus).toContain('Error');
      expect(slow.nodes.map((node) => node.powered)).toEqual([false, false, false, false]);
    },
    120_000,
  );
});

describe('which board, and who it is', () => {
  it('another key than the trusted one is refused before anything is sent', async () => {
    const dir = path.join(directory, 'impostor');
    await using impostor = await startVirtualBoard({ password: PASSWORD, dir, boot: 'none' });
    const configuration = {
      ip: impostor.https.host,
      cacheDir: './cache-of-config',
      bmc: { port: impostor.https.port, password: { env: 'TPI_PASSWORD' }, publicKeyPin: board.publicKeyPin },
      node1: { ip: '192.168.1.101', board: 'rk1', os: 'ubuntu' },
    };
    const file = path.join(directory, 'between.yaml');
    await writeFile(file, stringify(configuration));
    for (const command of [
      ['node', 'power', 'status'],
      ['node', 'flash', image, '-n', '1', '--erase', '1'],
      ['board', 'info'],
    ])
      expect(await failure([...command, '-c', file])).toMatchObject({
        exitCode: 4,
        code: 'BMC_CERTIFICATE_CHANGED',
      });
    const doctor = await turingpi(['doctor', '-c', file, '--json']);
    expect(doctor.exitCode).toBe(1);
    expect(doctor.stdout).toContain('BMC_CERTIFICATE_CHANGED');
    expect(impostor.accessLog).toEqual([]);
    const unknown = { TPI_PORT: String(impostor.https.port) };
    expect(await failure(['board', 'info'], unknown)).toMatchObject({ exitCode: 4, code: 'BMC_UNTRUSTED' });
    expect(impostor.accessLog).toEqual([]);
  });

  it("the official tool's variables name the board, options override them, and mistakes are told", async () => {
    expect((await turingpi(['board', 'info'], { TPI_HOSTNAME: 'board.invalid' })).exitCode).toBe(4);
    const { host, port } = board.https;
    const named = await turingpi(['node', 'power', 'status', '--host', host, '--port', String(port)], {
      TPI_HOSTNAME: 'board.invalid',
      TPI_PORT: '1',
    });
    expect(named.exitCode, named.stderr).toBe(0);
    expect(await failure(['board', 'info'], { TPI_PORT: 'https' })).toMatchObject({
      exitCode: 2,
      code: 'USAGE',
    });
    const fresh = { XDG_CACHE_HOME: path.join(directory, 'fresh-cache') };
    await turingpi(['board', 'trust', '--yes'], fresh);
    // Trusting asks the board who it is, and keeps the session.
    await rm(path.join(directory, 'fresh-cache', 'tpi', 'bmc-tokens'), { recursive: true, force: true });
    expect(await failure(['board', 'info'], { ...fresh, TPI_PASSWORD: '' })).toMatchObject({
      exitCode: 4,
      code: 'BMC_PASSWORD_MISSING',
    });
    expect(await failure(['board', 'info'], { ...fresh, TPI_USERNAME: 'nobody' })).toMatchObject({
      exitCode: 4,
      code: 'BMC_AUTH_REFUSED',
    });
    const both = ['board', 'info', '-c', 'any.yaml', '--host', host];
    expect(await failure(both)).toMatchObject({ exitCode: 2, code: 'USAGE' });
  });

  it('a ban is told and not made longer', async () => {
    board.ban();
    expect(await failure(['board', 'info'])).toMatchObject({ exitCode: 4, code: 'BMC_BANNED' });
    board.forgive();
  });
});

it('the password is in nothing that was printed and in no file of the cache', async () => {
  expect(printed.length).toBeGreaterThan(20);
  expect(printed.join('\n')).not.toContain(PASSWORD);
  expect(printed.join('\n')).not.toContain('Bearer');
  const cache = path.join(directory, 'cache');
  for (const entry of await readdir(cache, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    expect(await readFile(path.join(entry.parentPath, entry.name), 'latin1')).not.toContain(PASSWORD);
  }
});

/** Serves one image to the board; returns its address. */
async function serve(content: Buffer): Promise<string> {
  const server = createServer((_request, response) => {
    response.setHeader('Content-Length', content.length);
    response.end(content);
  });
  servers.push(server);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/image.img`;
}

/** The number of a process that has just ended. */
async function endedProcess(): Promise<number> {
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
  await once(child, 'exit');
  return child.pid!;
}

/** Command lines of a process and of everything it started. Linux only. */
async function commandLinesOf(root: number): Promise<readonly string[]> {
  const parents = new Map<number, number>();
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const text = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
    parents.set(Number(name), Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[1]));
  }
  const isOurs = (pid: number | undefined): boolean =>
    pid !== undefined && pid > 1 && (pid === root || isOurs(parents.get(pid)));
  const lines = [...parents.keys()]
    .filter(isOurs)
    .map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''));
  return (await Promise.all(lines)).map((line) => line.replaceAll('\0', ' '));
}
