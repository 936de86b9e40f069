import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from './cli.js';
import { createCommandTree } from './command-tree.js';

/** What it prints is for a shell. */
const WITHOUT_FORMS: ReadonlySet<string> = new Set(['completion']);
/** Where no configuration is asked for: what makes a command fail before it begins, and before it reaches anything. */
const FAILING: Readonly<Record<string, readonly string[]>> = {
  demo: ['--output', 'a-file/demo'],
  init: ['--yes', '--host', '127.0.0.1', '--port', '1'],
  'plugin new': ['none', 'of-it'],
  'image customize': ['absent.img', '-o', 'b.img', '--remove', '/x'],
};
const OPERANDS: Readonly<Record<string, readonly string[]>> = {
  'node copy': ['1:/etc/hostname', 'here'],
  'node exec': ['1', 'true'],
  'node power': ['status'],
  'node usb': ['status'],
};

let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(path.join(tmpdir(), 'turingpi-tree-'));
  await writeFile(path.join(cwd, 'a-file'), '');
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

function leavesOf(command: Command, name: string): { readonly name: string; readonly command: Command }[] {
  const below = command.createHelp().visibleCommands(command);
  const inner = below.filter((one) => one.name() !== 'help');
  if (inner.length === 0) return [{ name, command }];
  return inner.flatMap((one) => leavesOf(one, `${name} ${one.name()}`.trim()));
}

const silent = () => ({ environment: {}, stdout: new PassThrough(), stderr: new PassThrough(), cwd: '/' });
const leaves = leavesOf(
  createCommandTree(silent(), () => undefined),
  '',
).filter(({ name }) => !WITHOUT_FORMS.has(name));
const flagsOf = ({ options }: Command) => options.flatMap(({ short, long }) => [short, long]);

async function turingpi(...words: readonly string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const environment = { HOME: cwd, TPI_PASSWORD: 'known' };
  const exitCode = await runCli(['node', 'turingpi', ...words], { environment, stdout, stderr, cwd });
  for (const stream of [stdout, stderr]) stream.end();
  return { exitCode, stdout: await text(stdout), stderr: await text(stderr) };
}

/** A command line of a command that ends in an error, or needs nothing. */
function lineOf(name: string, command: Command): readonly string[] {
  const operands =
    OPERANDS[name] ?? command.registeredArguments.filter(({ required }) => required).map(() => '1');
  const asks = flagsOf(command).includes('--config');
  return [...name.split(' '), ...(FAILING[name] ?? [...operands, ...(asks ? ['-c', 'absent.yaml'] : [])])];
}

it('has every command that is promised', () => {
  expect(leaves.map(({ name }) => name)).toEqual(
    expect.arrayContaining([
      'up',
      'node power',
      'node flash',
      'board firmware',
      'plugin list',
      'state export',
    ]),
  );
});

describe.each(leaves)('turingpi $name', ({ name, command }) => {
  it('has the options of every command, and none that means something else', () => {
    const flags = flagsOf(command);
    expect(flags).toEqual(expect.arrayContaining(['--json', '-q', '--quiet', '--verbose']));
    expect(flags).not.toContain('--force');
    if (name.startsWith('node ')) expect(flags).toContain('--node');
    for (const [short, long] of [
      ['-n', '--node'],
      ['-y', '--yes'],
      ['-c', '--config'],
    ])
      expect(flags.includes(short), `${short} and ${long}`).toBe(flags.includes(long));
  });

  it('says defaults so that they can be read', () => {
    const help = command.createHelp();
    for (const option of help.visibleOptions(command))
      expect(help.optionDescription(option)).not.toMatch(/default: \d{5,}/);
  });

  it('as JSON says JSON alone, of an error too', async () => {
    const { exitCode, stdout, stderr } = await turingpi(...lineOf(name, command), '--json');
    const lines = stdout.split('\n').filter((line) => line !== '');
    expect(lines.length, stdout).toBeGreaterThan(0);
    const records = lines.map((line) => JSON.parse(line) as { event?: string; code?: string });
    expect(stderr).toBe('');
    if (exitCode !== 0)
      expect(records.at(-1)).toMatchObject({ event: 'error', code: expect.any(String) as string });
  });

  it('quiet tells an error, and verbose where it came from', async () => {
    const quiet = await turingpi(...lineOf(name, command), '--quiet');
    if (quiet.exitCode === 0) return;
    expect(quiet.stdout).toBe('');
    expect(quiet.stderr).toMatch(/^error [A-Z_]+: /);
    expect(quiet.stderr).not.toMatch(/^ {4}at /m);
    const verbose = await turingpi(...lineOf(name, command), '--verbose');
    expect(verbose.stderr).toMatch(/^ {4}at /m);
  });
});

it('a command line that is not understood is told as JSON where that is asked for', async () => {
  const { exitCode, stdout, stderr } = await turingpi('up', '--nodes', '1', '--json');
  expect([exitCode, stderr]).toEqual([2, '']);
  expect(JSON.parse(stdout)).toMatchObject({ event: 'error', code: 'USAGE' });
});
