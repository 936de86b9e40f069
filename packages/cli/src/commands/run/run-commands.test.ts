import { spawnSync } from 'node:child_process';
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCli } from '../../cli.js';

const FIRST = '20260102T030405678-aaaaaa';
const SECOND = '20260103T030405678-bbbbbb';
const at = '2026-01-02T03:04:05.678Z';
const one = { nodeId: 1, hostname: 'one', at };
const two = { nodeId: 2, hostname: 'two', at };
const install = { phase: 'os_installation' };
const post = { phase: 'post_installation' };
const failure = {
  code: 'BOOT_TIMEOUT',
  message: 'no \u001b[2Jtrick',
  hint: 'Look.',
  console: ['login:', 'panic'],
};

let directory: string;
let runs: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'turingpi-run-commands-'));
  runs = path.join(directory, 'runs');
  await mkdir(runs, { mode: 0o700 });
  await add(
    FIRST,
    started({}),
    { type: 'run:note', at, text: 'to be known' },
    { ...one, type: 'node:started' },
    { ...two, type: 'node:started' },
    {
      ...{ ...one, ...install, type: 'phase:started', reason: 'inputs changed' },
      changes: [{ name: 'dns', before: '9.9.9.9', after: '1.1.1.1' }],
    },
    { ...one, ...install, type: 'resource:acquired', resource: 'slot', waitedMs: 3000 },
    { ...one, ...install, type: 'phase:failed', durationMs: 60_000, ...failure },
    { ...one, type: 'node:failed', durationMs: 61_000, ...failure },
    { ...two, ...post, type: 'action:replayed', action: 'remote.aptInstall', index: 0 },
    { ...two, ...post, type: 'action:started', action: 'remote.runCommand', index: 1, note: 'touch /x' },
    {
      ...two,
      ...post,
      type: 'action:completed',
      action: 'remote.runCommand',
      index: 1,
      durationMs: 200,
      changed: true,
    },
    { ...two, ...post, type: 'phase:completed', durationMs: 300 },
    { ...two, type: 'of:a-newer-version' },
    { ...two, type: 'node:completed', durationMs: 400 },
    { type: 'run:ended', at, outcome: 'failed', durationMs: 61_000 },
  );
});
afterEach(() => rm(directory, { recursive: true, force: true }));

function started(changes: object) {
  const nodes = [one, two].map((node) => ({ ...node, module: 'rk1', address: '10.0.0.11' }));
  const facts = { schema: 1, command: 'up', version: '0.1.0', boards: [{ address: '10.0.0.2' }], nodes };
  return { type: 'run:started', at, ...facts, pid: process.pid, host: hostname(), ...changes };
}
async function add(id: string, ...events: readonly object[]): Promise<void> {
  const lines = events.map((event, seq) => `${JSON.stringify({ seq, runId: id, ...event })}\n`);
  await appendFile(path.join(runs, `${id}.jsonl`), lines.join(''), { mode: 0o600 });
}
async function run(...args: string[]): Promise<{ exitCode: number; stdout: string; stderr: string }> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const argv = ['node', 'turingpi', 'run', ...args];
  const exitCode = await runCli(argv, { environment: {}, stdout, stderr, cwd: directory });
  const text = (stream: PassThrough) => (stream.read() as Buffer | null)?.toString() ?? '';
  return { exitCode, stdout: text(stdout), stderr: text(stderr) };
}
const here = (...args: string[]) => run(...args, '--cache-dir', directory);

describe('turingpi run', () => {
  it('lists, for people and for programs', async () => {
    await add(SECOND, started({ pid: spawnSync(process.execPath, ['-e', '0']).pid }));
    const { exitCode, stdout } = await here('list');
    expect(exitCode).toBe(0);
    expect(stdout.split('\n').filter((line) => line.includes('20260'))).toEqual([
      expect.stringMatching(/bbbbbb.*2026-01-02 03:04.*up.*one two.*died/),
      expect.stringMatching(/aaaaaa.*failed.*1 min 1 s/),
    ]);
    expect(JSON.parse((await here('list', '--json', '--limit', '1')).stdout)).toMatchObject({
      directory: runs,
      runs: [
        { id: SECOND, outcome: 'died', command: 'up', startedAt: at, pid: expect.any(Number) as number },
      ],
    });
  });

  it('shows how a run went and what went wrong, with nothing that steers a terminal', async () => {
    const { stdout } = await here('show');
    expect(stdout).toMatch(/^run 2026.*up \(0\.1\.0\).*: failed after 1 min 1 s\n/);
    expect(stdout).toMatch(/Node1 .*one .*install .*failed/);
    expect(stdout).toMatch(/Node2 .*two .*post .*completed/);
    expect(stdout).toContain(
      'Node1 one failed: BOOT_TIMEOUT: no \\u{1b}[2Jtrick\n  Look.\n  | login:\n  | panic\n',
    );
    const { nodes } = JSON.parse((await here('show', FIRST.slice(0, 9), '--json')).stdout) as {
      nodes: unknown;
    };
    expect(nodes).toMatchObject([
      { outcome: 'failed', failure: { code: 'BOOT_TIMEOUT' } },
      { outcome: 'completed' },
    ]);
  });

  it('prints what happened, for all nodes or for some, or for one phase', async () => {
    const { stdout } = await here('logs');
    const expected = [
      /^03:04:05 run 2026.* started: up/,
      /board 10\.0\.0\.2$/,
      ...[/Node1 one: rk1, any system, 10\.0\.0\.11/, /Node2 two: rk1/, /note: to be known/],
      ...[/Node1 one: begins/, /Node2 two: begins/, /Node1 one: install started \(inputs changed\)/],
      ...[
        /^ {11}dns: 9\.9\.9\.9 → 1\.1\.1\.1$/,
        /has slot, waited 3\.0 s/,
        /failed: BOOT_TIMEOUT: no \\u\{1b\}/,
      ],
      ...[/^ {11}Look\.$/, /console/, /^ {11}\| login:$/, /^ {11}\| panic$/, /Node1 one: failed after 1 min/],
      ...[/action 1 remote\.aptInstall is on record/, /action 2 remote\.runCommand touch \/x/],
      ...[/action 2 completed in 0\.2 s, changed/, /post completed/, /two: completed/, /run failed/],
    ];
    const lines = stdout.trimEnd().split('\n');
    for (const [index, line] of lines.entries()) expect(line).toMatch(expected[index] ?? /nothing more/);
    expect(lines).toHaveLength(expected.length);
    const some = (await here('logs', '--node', '2', '--phase', 'post', '--json')).stdout
      .trimEnd()
      .split('\n');
    expect(some.map((line) => (JSON.parse(line) as { seq: number }).seq)).toEqual([8, 9, 10, 11]);
    expect((await here('logs', '--phase', 'flash')).exitCode).toBe(2);
  });

  it('watches to the end', async () => {
    await add(SECOND, started({}));
    const watching = here('watch', '--json');
    await add(SECOND, { seq: 1, type: 'run:ended', at, outcome: 'completed', durationMs: 1 });
    const { exitCode, stdout } = await watching;
    expect(exitCode).toBe(0);
    expect(stdout.trimEnd().split('\n')).toHaveLength(2);
    await rm(path.join(runs, `${SECOND}.jsonl`));
    await add(SECOND, started({ pid: spawnSync(process.execPath, ['-e', '0']).pid }));
    expect((await here('watch')).stdout).toContain('the run died');
  });

  it('cancels what goes on, and says by whom', async () => {
    expect(await here('cancel')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('RUN_ENDED') as string,
    });
    await add(SECOND, started({}));
    expect((await here('cancel', SECOND)).stdout).toContain(`Run ${SECOND} is asked to stop`);
    const request = JSON.parse(await readFile(path.join(runs, `${SECOND}.cancel`), 'utf8')) as unknown;
    expect(request).toEqual({ by: expect.stringMatching(/^turingpi run cancel \(.+ on .+\)$/) as string });
    expect((await here('cancel')).exitCode).toBe(0); // again changes nothing
  });

  it('prunes what is over', async () => {
    await add(SECOND, started({}));
    expect((await here('prune', '--keep', '0', '--dry-run')).stdout).toContain(`would remove ${FIRST}`);
    expect((await here('prune')).stdout).toBe('0 runs removed\n');
    expect((await here('prune', '--older-than', '1d')).stdout).toContain('1 runs removed');
    expect(await readdir(runs)).toEqual([`${SECOND}.jsonl`]);
    expect((await here('prune', '--older-than', 'long')).exitCode).toBe(2);
  });

  it('says by code what it cannot find or read', async () => {
    const codeOf = async (...args: string[]) =>
      (JSON.parse((await run(...args, '--json')).stdout) as { code: string }).code;
    const place = ['--cache-dir', directory];
    expect(await codeOf('show', '2027', ...place)).toBe('RUN_NOT_FOUND');
    await add(FIRST.replace('aaaaaa', 'cccccc'), started({ schema: 2 }));
    expect(await codeOf('logs', '20260102', ...place)).toBe('RUN_AMBIGUOUS');
    expect(await codeOf('logs', FIRST.replace('aaaaaa', 'c'), ...place)).toBe('RUN_UNSUPPORTED_SCHEMA');
    expect(await codeOf('list', '-c', 'missing.yaml')).toBe('CONFIG_NOT_FOUND');
  });

  it('finds the cache directory in the configuration, whatever else that says', async () => {
    await writeFile(path.join(directory, 'turingpi.yaml'), 'cacheDir: .\nip: [not an address]\n');
    expect((await run('list')).stdout).toContain(FIRST);
  });
});
