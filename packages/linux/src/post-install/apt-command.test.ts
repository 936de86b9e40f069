import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aptInstall, aptUpdate } from './apt-command.js';

const LISTS =
  'E: Could not get lock /var/lib/apt/lists/lock. It is held by process 812 (apt-get)\nE: Unable to lock directory /var/lib/apt/lists/';
const INTERRUPTED =
  "E: dpkg was interrupted, you must manually run 'dpkg --configure -a' to correct the problem.";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'turingpi-apt-'));
  program('sleep', 'echo "sleep $*" >> "$LOG"');
  program('dpkg', 'echo "dpkg $*" >> "$LOG"');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function program(name: string, script: string): void {
  writeFileSync(join(directory, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(directory, name), 0o755);
}

/** An apt-get that fails with each of these texts in turn, and then does its work. */
function failing(...texts: readonly string[]): void {
  const cases = texts.map((text, index) => `${index + 1}) cat >&2 <<'END'\n${text}\nEND\nexit 100;;`);
  program(
    'apt-get',
    `echo "apt-get $*" >> "$LOG"; n=$(grep -c ^apt-get "$LOG"); case $n in\n${cases.join('\n')}\nesac; echo "W: done" >&2`,
  );
}

function run(command: readonly string[]): { status: number | null; stderr: string; log: string[] } {
  const log = join(directory, 'log');
  writeFileSync(log, '');
  const env = { PATH: `${directory}:/usr/bin:/bin`, LOG: log };
  const [name = '', ...args] = command;
  const { status, stderr } = spawnSync(name, args, { env, encoding: 'utf8' });
  const told = readFileSync(log, 'utf8').trim().split('\n');
  return { status, stderr, log: told.map((line) => line.replaceAll(/ -o \S+/g, '')) };
}

describe.skipIf(process.platform === 'win32')('apt commands', () => {
  it('wait while another apt has the lists or the archives', () => {
    failing(LISTS, LISTS);
    expect(run(aptUpdate())).toEqual({
      status: 0,
      stderr: 'W: done\n',
      log: ['apt-get update', 'sleep 5', 'apt-get update', 'sleep 5', 'apt-get update'],
    });
    failing(LISTS.replaceAll('lib/apt/lists', 'cache/apt/archives'));
    expect(run(aptInstall(['htop', 'jq'])).log).toEqual([
      'apt-get install --yes htop jq',
      'sleep 5',
      'apt-get install --yes htop jq',
    ]);
  });

  it('fail at once for any other reason, and not without an end', () => {
    failing('E: Unable to locate package htop');
    expect(run(aptInstall(['htop']))).toEqual({
      status: 100,
      stderr: 'E: Unable to locate package htop\n',
      log: ['apt-get install --yes htop'],
    });
    program('apt-get', `echo apt-get >> "$LOG"; echo "${LISTS.split('\n')[0]}" >&2; exit 100`);
    const { status, stderr, log } = run(aptUpdate());
    expect(status).toBe(100);
    expect(stderr).toContain('held by process 812');
    expect(log.filter((line) => line.startsWith('sleep'))).toHaveLength(60);
  });

  it('let dpkg finish what was interrupted, once', () => {
    failing(INTERRUPTED);
    expect(run(aptInstall(['htop'])).log).toEqual([
      'apt-get install --yes htop',
      'dpkg --force-confdef --force-confold --configure -a',
      'apt-get install --yes htop',
    ]);
    failing(INTERRUPTED, INTERRUPTED);
    expect(run(aptInstall(['htop'])).status).toBe(100);
  });

  it('run as well when they are pasted as they are shown', () => {
    failing(LISTS);
    const shown = aptUpdate().join(' ');
    expect(run(['sh', '-c', shown]).log).toEqual(['apt-get update', 'sleep 5', 'apt-get update']);
    expect(execFileSync('sh', ['-n', '-c', shown], { encoding: 'utf8' })).toBe('');
  });
});
