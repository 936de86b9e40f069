import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { startVirtualBoard, type VirtualBoard } from '@turingpi/virtual-board';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { HARDWARE_CHECKLIST } from '../../checklist/hardware-checklist.js';
import { runCli } from '../../cli.js';

const ROOT = path.resolve(import.meta.dirname, '../../../../..');
const RUN = '20260102T030405678-9f86d0';
const PRIVATE_KEY =
  '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmU\n-----END OPENSSH PRIVATE KEY-----';

/** One for each place in which a secret may be. */
const SECRETS = {
  board: 'board-Pa55word',
  node: 'node "quoted" Pa55',
  step: 'step-Pa55word',
  hash: '$6$saltsalt$wVmKbZTO4sBpjG0Dq1xBwRz3Kh0zrjVvCkuv0kAjYDcYhH2sHtL7nVfHc1fGd5aYTTeCqdfYkQdUZxW5i4wHk0',
  hostKey: 'hostkeyhostkeyhostkey',
  token: 'cachedTokencachedToken',
  variable: 'variable-Pa55word',
  line: 'b3BlbnNzaC1rZXktdjEAAAAABG5vbmU',
};

let directory: string;
let board: VirtualBoard;
beforeAll(async () => {
  board = await startVirtualBoard({
    boot: 'none',
    httpPort: 'off',
    password: SECRETS.board,
  });
});
afterAll(() => board[Symbol.asyncDispose]());
beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'turingpi-support-'));
  return () => rm(directory, { recursive: true, force: true });
});

/** A project whose files, records, log and run are full of secrets. */
async function writeProject(): Promise<void> {
  const cache = path.join(directory, 'cache');
  await mkdir(path.join(cache, 'runs'), { recursive: true, mode: 0o700 });
  await mkdir(path.join(cache, 'bmc-tokens'), { mode: 0o700 });
  const lines = [
    `ip: ${board.https.host}`,
    'cacheDir: ./cache',
    `bmc: { port: ${board.https.port}, publicKeyPin: "${board.publicKeyPin}", password: { file: bmc-password } }`,
    'node1: { ip: 192.168.1.101, board: rk1, os: ubuntu }',
    'ssh: { privateKey: { file: key }, password: { env: NODE_PASSWORD } }',
    `workflow: { user: { name: alice, passwordHash: '${SECRETS.hash}' }, postInstall: [{ run: "login --password ${SECRETS.step}" }] }`,
  ];
  await writeFile(path.join(directory, 'turingpi.yaml'), lines.join('\n'));
  await writeFile(path.join(directory, 'bmc-password'), `${SECRETS.board}\n`);
  await writeFile(path.join(directory, 'key'), PRIVATE_KEY);
  await writeFile(
    path.join(cache, 'node-secrets.json'),
    JSON.stringify({ nodes: { Node1: { generations: { 1: { ed25519: SECRETS.hostKey } } } } }),
  );
  await writeFile(path.join(cache, 'bmc-tokens', 'board.json'), JSON.stringify({ token: SECRETS.token }));
  const at = '2026-01-02T03:04:05.000Z';
  const everything = Object.values(SECRETS).join(' ');
  const events = [
    {
      ...{ seq: 0, type: 'run:started', at, runId: RUN, schema: 1, pid: 1, host: 'x', command: 'up' },
      ...{ version: '0.1.0', boards: [], nodes: [] },
    },
    {
      seq: 1,
      type: 'run:note',
      at,
      runId: RUN,
      text: everything,
      step: Buffer.from(SECRETS.step).toString('base64'),
    },
  ];
  await writeFile(
    path.join(cache, 'runs', `${RUN}.jsonl`),
    events.map((event) => `${JSON.stringify(event)}\n`).join(''),
    { mode: 0o600 },
  );
  await writeFile(
    path.join(cache, 'turingpi.log'),
    `a line that is harmless\n${everything}\n${PRIVATE_KEY}\n`,
  );
}

async function turingpi(...words: string[]): Promise<{ exitCode: number; stdout: string; stderr: string }> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const environment = { NODE_PASSWORD: SECRETS.node, MY_SECRET: SECRETS.variable };
  const exitCode = await runCli(['node', 'turingpi', ...words], {
    environment,
    stdout,
    stderr,
    cwd: directory,
  });
  const text = (stream: PassThrough) => ((stream.read() as Buffer | null) ?? '').toString();
  return { exitCode, stdout: text(stdout), stderr: text(stderr) };
}

describe('turingpi support-bundle', () => {
  it('has everything that helps, and no secret, wherever there was one', async () => {
    await writeProject();
    const made = await turingpi('support-bundle', '-o', 'bundle.md');
    expect(made, made.stderr).toMatchObject({ exitCode: 0 });
    const file = path.join(directory, 'bundle.md');
    const text = await readFile(file, 'utf8');
    for (const title of [
      'Versions',
      'Configuration, without its values',
      'Run',
      'Log',
      'Board',
      'What doctor finds',
      'Console of node 1',
    ])
      expect(text).toContain(`\n## ${title}\n`);
    for (const part of [
      'turingpi 0.',
      '"board": "rk1"',
      'run:started',
      'a line that is harmless',
      'BMC_KEY_TRUSTED',
    ])
      expect(text).toContain(part);
    for (const [place, secret] of Object.entries(SECRETS))
      for (const form of [
        secret,
        JSON.stringify(secret).slice(1, -1),
        Buffer.from(secret).toString('base64'),
      ])
        expect(text.includes(form), place).toBe(false);
    expect(text).not.toContain('alice');
    if (process.platform !== 'win32') expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await turingpi('support-bundle', '--offline', '-o', 'bundle.md')).toMatchObject({ exitCode: 2 });
    expect(await readFile(file, 'utf8'), 'what is there is not written over').toBe(text);
  });

  it('makes another file each time, where none is named', async () => {
    const files = new Set<string>();
    for (let count = 0; count < 3; count += 1) {
      const { stdout } = await turingpi('support-bundle', '--offline', '--json');
      files.add((JSON.parse(stdout) as { supportBundle: { file: string } }).supportBundle.file);
    }
    expect(files.size).toBe(3);
  });

  it('says in its place what cannot be had: a broken configuration, no run, a board that does not answer', async () => {
    await writeFile(path.join(directory, 'turingpi.yaml'), 'ip: [1');
    const made = await turingpi('support-bundle', '--json', '-o', 'bundle.md');
    expect(made.exitCode, made.stderr).toBe(0);
    const text = await readFile(path.join(directory, 'bundle.md'), 'utf8');
    for (const code of ['CONFIG_UNREADABLE', 'RUN_NOT_FOUND']) expect(text).toContain(code);
  });
});

describe('turingpi checklist', () => {
  it('writes what was seen, with the firmware, and what was not tried', async () => {
    await writeProject();
    const made = await turingpi('checklist', '--holds', '1,7', '--fails', '4');
    expect(made, made.stderr).toMatchObject({ exitCode: 0 });
    const text = await readFile(path.join(directory, 'turingpi-checklist.md'), 'utf8');
    expect(text).toMatch(/^- firmware: .*bmcd \d/m);
    expect(text).toMatch(/^\| 1 \| .* \| holds \|/m);
    expect(text).toMatch(/^\| 4 \| .* \| fails \|/m);
    expect(text).toMatch(/^Not tried: 2, 3, 5, 6, 8/m);
  });

  it.each([[['--holds', '0']], [['--holds', '1', '--fails', '1']], [['--fails', 'x']]])(
    'refuses %j',
    async (words) => {
      expect((await turingpi('checklist', '--offline', ...words)).exitCode).toBe(2);
    },
  );

  it('asks what the page asks, number by number', async () => {
    const page = await readFile(path.join(ROOT, 'docs/hardware-checklist.md'), 'utf8');
    const rows = [...page.matchAll(/^\| (\d+) +\| (.*?) +\| .*? +\| (.*?) +\| (.*?) +\| .*? +\|$/gm)];
    expect(
      rows.map(([, id, assumption, check, wayRound]) => [Number(id), assumption, check, wayRound]),
    ).toEqual(
      HARDWARE_CHECKLIST.map(({ id, assumption, check, wayRound = '-' }) => [
        id,
        assumption,
        check,
        wayRound,
      ]),
    );
  });
});
