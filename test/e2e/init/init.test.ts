import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startVirtualBoard, type VirtualBoard } from '@turingpi/virtual-board';
import { baseImagePath } from '@turingpi/virtual-node';
import { parse } from 'yaml';
import { consecutivePorts } from '../../support/site/consecutive-ports.js';
import { jsonLines, runCli } from '../../support/site/run-cli.js';

const PASSWORD = 'of-the-board';

let home: string;
let folder: string;
let board: VirtualBoard;
let sshPort: number;

beforeAll(async () => {
  home = await mkdtemp(path.join(os.tmpdir(), 'turingpi-init-'));
  sshPort = await consecutivePorts(4);
  board = await startVirtualBoard({
    password: PASSWORD,
    clock: { scale: 100 },
    nodes: (['rk1', 'rk1', 'cm4', 'cm4'] as const).map((kind, index) => ({
      board: kind,
      sshPort: sshPort + index,
    })),
    boot: 'shell',
    dir: path.join(home, 'board'),
  });
});
afterAll(async () => {
  await board[Symbol.asyncDispose]();
  await rm(home, { recursive: true, force: true });
});
beforeEach(async () => {
  folder = path.join(home, 'lab');
  await mkdir(folder);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const turingpi = (words: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  runCli(words, {
    cwd: folder,
    env: {
      ...{ HOME: home, XDG_CACHE_HOME: path.join(folder, 'cache') },
      XDG_CONFIG_HOME: path.join(folder, 'cache/config'), // what one test confirms is unknown to the next
      ...{ TPI_PASSWORD: PASSWORD, ...env },
    },
  });

/** What `init --yes` is told about this board: everything that has no default. */
function answers(): string[] {
  const { host, port } = board.https;
  return [
    ...['init', '--yes', '--json', '--host', host, '--port', String(port)],
    ...['--http-port', String(board.http?.port ?? 80), '--ssh-port', String(sshPort)],
    ...['--fingerprint', board.certificateFingerprint, '--nodes', 'rk1,rk1,cm4,cm4'],
    ...['--image', `ubuntu/rk1=${baseImagePath('rk1-ubuntu.img.xz')}`],
    ...['--image', `debian/cm4=${baseImagePath('rpi-debian.img.xz')}`],
  ];
}
/** Without an option and its value, however often it is there. */
const without = (flag: string, words: readonly string[]) =>
  words.filter((word, index) => word !== flag && words[index - 1] !== flag);
const errorOf = (stdout: string) => jsonLines(stdout).at(-1) ?? {};

describe('turingpi init', () => {
  it(
    'writes what up makes four finished nodes of, without a file being edited',
    { timeout: 180_000 },
    async () => {
      const made = await turingpi(answers());
      expect(made, made.stdout).toMatchObject({ exitCode: 0, stderr: '' });
      expect((await readdir(folder)).sort()).toEqual(
        ['cache', 'turingpi-key', 'turingpi-key.pub', 'turingpi.schema.json', 'turingpi.yaml'].sort(),
      );
      expect((await stat(path.join(folder, 'turingpi-key'))).mode & 0o777).toBe(0o600);
      const text = await readFile(path.join(folder, 'turingpi.yaml'), 'utf8');
      expect(text).toMatch(/^# yaml-language-server: \$schema=\.\/turingpi\.schema\.json\n/);
      expect(text + made.stdout).not.toContain(PASSWORD);

      const checked = await turingpi(['validate', '--json']);
      expect(JSON.parse(checked.stdout)).toEqual({ file: 'turingpi.yaml', valid: true, problems: [] });

      const up = await turingpi(['up', '--erase', 'all', '--json']);
      expect(up.exitCode, up.stderr).toBe(0);
      const status = await turingpi(['status', '--json']);
      const { nodes } = JSON.parse(status.stdout) as {
        nodes: Record<string, Record<string, { status: string }>>;
      };
      expect(Object.keys(nodes)).toHaveLength(4);
      expect(Object.values(nodes).flatMap((node) => Object.values(node).map((one) => one.status))).toEqual(
        Array(12).fill('completed'),
      );
    },
  );

  it('confirms no key by itself, and says how to give it', async () => {
    const { exitCode, stdout } = await turingpi(without('--fingerprint', answers()));
    expect(exitCode).toBe(4);
    expect(errorOf(stdout)).toMatchObject({
      code: 'BMC_UNTRUSTED',
      hint: expect.stringContaining(`--fingerprint ${board.certificateFingerprint}`) as string,
    });
    const other = await turingpi([...answers(), '--fingerprint', `sha256:${'0'.repeat(64)}`]);
    expect(errorOf(other.stdout)).toMatchObject({ code: 'BMC_UNTRUSTED' });
    expect((await readdir(folder)).filter((name) => name !== 'cache')).toEqual([]);
  });

  it('takes the key as openssl prints it on the board', async () => {
    const printed = board.certificateFingerprint
      .replace('sha256:', '')
      .toUpperCase()
      .replaceAll(/(..)(?=.)/g, '$1:');
    const words = without('--fingerprint', answers());
    expect((await turingpi([...words, '--fingerprint', printed])).exitCode).toBe(0);
  });

  it('says of what is no key, and of what is no module, that it is none', async () => {
    const key = await turingpi([...without('--fingerprint', answers()), '--fingerprint', 'sha256:AB:CD']);
    expect(errorOf(key.stdout)).toMatchObject({
      code: 'USAGE',
      message: '--fingerprint sha256:AB:CD is no digest of a key',
    });
    const module = await turingpi([...without('--nodes', answers()), '--nodes', 'rk1,rk2']);
    expect(errorOf(module.stdout)).toMatchObject({
      code: 'USAGE',
      message: '--nodes names the board "rk2", which no plugin brings, did you mean `rk1`?',
      hint: 'Known: cm4, rk1; - is an empty slot.',
    });
  });

  it('never replaces a file without being told', async () => {
    const file = path.join(folder, 'turingpi.yaml');
    await writeFile(file, 'mine');
    const { exitCode, stdout } = await turingpi(answers());
    expect({ exitCode, ...errorOf(stdout) }).toMatchObject({ exitCode: 2, code: 'USAGE' });
    expect(await readFile(file, 'utf8')).toBe('mine');
    expect(await readdir(folder)).toEqual(['turingpi.yaml']);
    expect((await turingpi([...answers(), '--overwrite'])).exitCode).toBe(0);
    expect(await readFile(file, 'utf8')).toContain('# Made by `turingpi init`.');
  });

  it.each([
    ['--nodes', /--nodes/],
    // The catalogue has an image for the RK1 that can be downloaded, and none for the CM4.
    ['--image', /--image .*cm4/],
  ])('without %s says what has no default, and writes nothing', async (flag, hint) => {
    const { exitCode, stdout } = await turingpi(without(flag, answers()));
    expect({ exitCode, ...errorOf(stdout) }).toMatchObject({ exitCode: 2, code: 'USAGE' });
    expect(String(errorOf(stdout)['hint'])).toMatch(hint);
    expect((await readdir(folder)).filter((name) => name !== 'cache')).toEqual([]);
  });

  it('takes an image of the catalogue by its name, with its digest', async () => {
    const words = without('--image', answers());
    const { exitCode } = await turingpi([...words, '--image', 'debian/cm4=raspios-trixie-lite-cm4']);
    expect(exitCode).toBe(0);
    const text = await readFile(path.join(folder, 'turingpi.yaml'), 'utf8');
    expect(parse(text)).toMatchObject({
      workflow: {
        baseImages: {
          'ubuntu/rk1': {
            url: expect.stringMatching(/^https:.*turing-rk1\.img\.xz$/) as string,
            sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
          },
          'debian/cm4': './2026-10-06-raspios-trixie-arm64-lite.img.xz',
        },
      },
    });
    expect(text).toContain('not fetched by us');
    // What is to be downloaded by hand is found before a phase misses it.
    const checked = await turingpi(['validate', '--json']);
    expect(checked.exitCode).toBe(3);
    expect((JSON.parse(checked.stdout) as { problems: unknown[] }).problems).toMatchObject([
      { code: 'IMAGE_NOT_FOUND', file: 'turingpi.yaml', line: expect.any(Number) as number },
    ]);
  });

  it('asks nobody who is not there', async () => {
    const { exitCode, stderr } = await turingpi(['init', '--host', board.https.host]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('--yes');
  });
});
