import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { wantedOfPlugins } from './wanted-of-plugins.js';

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(path.join(tmpdir(), 'turingpi-wanted-'));
});
afterEach(() => rm(cwd, { recursive: true, force: true }));

const builtIn = new Set(['up', 'status']);
const wanted = (line: string) =>
  wantedOfPlugins(line === '' ? [] : line.split(' '), builtIn, {
    environment: {},
    stdout: process.stdout,
    stderr: process.stderr,
    cwd,
  });

describe('a command line', () => {
  it.each(['up', 'up --help', 'status -c other.yaml', 'help up', '--version', '-V', '--typo'])(
    'needs no plugin: %s',
    (line) => {
      expect(wanted(line)).toBeUndefined();
    },
  );

  it.each(['', '--help', '-h', 'help'])('needs plugins for the list of commands: "%s"', (line) => {
    expect(wanted(line)).toEqual({ name: undefined, configFile: undefined });
  });

  it.each([
    ['rack', undefined],
    ['help rack', undefined],
    ['rack -c lab.yaml', 'lab.yaml'],
    ['rack --config lab.yaml 2', 'lab.yaml'],
    ['rack --config=lab.yaml', 'lab.yaml'],
    ['rack -clab.yaml', 'lab.yaml'],
    ['rack -- -c lab.yaml', undefined],
    ['rack -c', undefined],
  ])('needs plugins for a command that is not built in: %s', (line, configFile) => {
    expect(wanted(line)).toEqual({ name: 'rack', configFile });
  });

  it('needs plugins for a built-in command only where the configuration may replace one', async () => {
    await writeFile(path.join(cwd, 'turingpi.yaml'), 'replace: { boards: { rk1: x } }');
    expect(wanted('up')).toBeUndefined();
    await writeFile(path.join(cwd, 'lab.yaml'), 'replace: { commands: { up: x } }');
    expect(wanted('up')).toBeUndefined();
    expect(wanted('up -c lab.yaml')).toEqual({ name: 'up', configFile: 'lab.yaml' });
    expect(wanted('up -c none.yaml')).toBeUndefined();
    expect(wanted('up --config=~/lab.yaml')).toEqual({ name: 'up', configFile: '~/lab.yaml' });
  });
});
