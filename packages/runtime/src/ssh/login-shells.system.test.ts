import { execFileSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectSsh } from './connect-ssh.js';
import { type LabUser, OpenSshLab } from './openssh.fixture.js';

/*
 * Nodes as they are met: login shells that are no POSIX shells, start files that print, a server that allows one
 * channel and has no SFTP, a sudo that asks.
 */
const SHELLS = { fish: '/usr/bin/fish', tcsh: '/usr/bin/tcsh', dash: '/usr/bin/dash', zsh: '/usr/bin/zsh' };
const missing = [...OpenSshLab.missing, ...Object.values(SHELLS).filter((shell) => !existsSync(shell))];
const required = process.env['CI'] === 'true';
const signal = new AbortController().signal;
const PASSWORD = 'pass-word-7';

const users: LabUser[] = [
  ...Object.entries(SHELLS).map(([name, shell], index) => ({
    name: `tpi-${name}`,
    uid: 4101 + index,
    password: PASSWORD,
    shell,
    files: {
      '.config/fish/config.fish': 'echo Welcome; echo "to the cluster" >&2\n',
      '.tcshrc': 'echo Welcome\n',
      '.zshenv': 'echo -n Welcome; echo "to the cluster" >&2\n',
    },
  })),
  {
    name: 'tpi-noisy',
    uid: 4110,
    password: PASSWORD,
    shell: '/bin/bash',
    files: { '.bashrc': 'echo Welcome; echo "to the cluster" >&2; trap "echo Bye" EXIT\n' },
  },
  { name: 'tpi-nologin', uid: 4111, password: PASSWORD, shell: '/usr/sbin/nologin' },
  { name: 'tpi-tty', uid: 4112, password: PASSWORD },
  {
    name: 'tpi-nosudo',
    uid: 4113,
    password: PASSWORD,
    shell: '/bin/bash',
    files: { '.bashrc': 'mkdir -p ~/bin; ln -sf /bin/sh ~/bin/sh; PATH=~/bin\n' },
  },
  { name: 'tpi-free', uid: 4114, password: PASSWORD, shell: '/bin/bash' },
  {
    name: 'tpi-stuck',
    uid: 4115,
    password: PASSWORD,
    shell: '/bin/bash',
    files: {
      '.bashrc':
        'mkdir -p ~/bin; printf \'#!/bin/sh\\ntrap "" TERM; /bin/cat "$@"; exec sleep 600\\n\' >~/bin/cat; chmod +x ~/bin/cat; PATH=~/bin:$PATH\n',
    },
  },
];
const WORDS = [
  'a b',
  "it's",
  '$HOME',
  '`id`',
  '',
  '\\',
  '\\\\',
  '!',
  '!!',
  'line\nbreak',
  '\r',
  '-n',
  '%',
  '*',
  'ü',
  '~',
];
const CHATTY = ['tpi-fish', 'tpi-tcsh', 'tpi-dash', 'tpi-zsh', 'tpi-noisy'];

/** A number that only the processes of one test have in their command line. */
const mark = (): string => `9${randomInt(10_000_000, 99_999_999)}`;

function countProcesses(marked: string): number {
  try {
    return Number(execFileSync('pgrep', ['-f', '-c', `^sleep ${marked}`], { encoding: 'utf8' }));
  } catch {
    return 0; // pgrep's exit code for none
  }
}

describe.skipIf(missing.length > 0 && !required)(
  `on all kinds of nodes (needs ${Object.values(SHELLS).join(', ')}, ${OpenSshLab.needs})`,
  () => {
    let lab: OpenSshLab;
    beforeAll(async () => {
      lab = await OpenSshLab.start({
        users,
        sudoers: [
          ...[...CHATTY, 'tpi-tty'].map((name) => `${name} ALL=(ALL) ALL`),
          'tpi-free ALL=(ALL) NOPASSWD: ALL',
          'Defaults:tpi-tty requiretty',
          'Defaults timestamp_timeout=0',
        ],
        config: ['MaxSessions 1'],
      });
    });
    afterAll(() => lab[Symbol.asyncDispose]());

    it.each(CHATTY)('runs commands and moves files for %s', async (name) => {
      await using session = await connectSsh(lab.withPassword(name, PASSWORD), { signal });
      const printed = WORDS.map((word) => `${word}|`).join('');
      for (const sudo of [false, true]) {
        expect(await session.exec(['printf', '%s|', ...WORDS], { sudo })).toMatchObject({
          stdout: printed,
          stderr: '',
        });
        expect((await session.exec('cat; echo oops >&2', { sudo, input: 'from\nhere' })).stdout).toBe(
          'from\nhere',
        );
        expect(
          await session.exec('x=1\nif [ $x = 1 ]; then\n  exit 7\nfi', { sudo, allowFailure: true }),
        ).toMatchObject({ exitCode: 7, stdout: '', stderr: '' });
      }
      expect((await session.exec(['id', '-u'], { sudo: true })).stdout).toBe('0\n');
      const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 256));
      const [mine, roots] = [join(lab.dir, 'home', name, "it's", 'mine'), join(lab.dir, name, 'by root')];
      await session.writeFile(mine, bytes);
      await session.writeFile(roots, bytes, { sudo: true, mode: 0o600 });
      expect((await session.readFile(mine)).equals(bytes)).toBe(true);
      expect((await session.readFile(roots, { sudo: true })).equals(bytes)).toBe(true);
      await expect(session.readFile(roots)).rejects.toMatchObject({ code: 'SSH_FILE_DENIED' });
      await expect(session.readFile('/no/such')).rejects.toMatchObject({ code: 'SSH_FILE_NOT_FOUND' });
    });

    it('runs eight commands at once where the server allows one', async () => {
      await using session = await connectSsh(lab.withPassword('tpi-fish', PASSWORD), { signal });
      const numbers = [1, 2, 3, 4, 5, 6, 7, 8];
      const run = (number: number): Promise<unknown> =>
        number % 2 === 0
          ? session.exec(['echo', String(number)], { sudo: number % 4 === 0 })
          : session.writeFile(join(lab.dir, 'home/tpi-fish', `n${number}`), String(number));
      const warnings: Error[] = [];
      const onWarning = (warning: Error): void => void warnings.push(warning);
      process.on('warning', onWarning);
      await Promise.all([...numbers, ...numbers].map(run));
      process.off('warning', onWarning);
      expect(warnings).toEqual([]);
      expect((await session.readFile(join(lab.dir, 'home/tpi-fish/n7'))).toString()).toBe('7');
    });

    it('returns at once from a command that leaves something behind, which lives on', async () => {
      await using session = await connectSsh(lab.withPassword('tpi-noisy', PASSWORD), { signal });
      const marked = mark();
      for (const sudo of [false, true]) {
        const began = performance.now();
        const { stdout } = await session.exec(`nohup sleep ${marked} & echo started`, {
          sudo,
          timeoutMs: 20_000,
        });
        expect(stdout).toBe('started\n');
        expect(performance.now() - began).toBeLessThan(5_000);
      }
      expect((await session.exec(['echo', 'next'])).stdout).toBe('next\n');
      expect(countProcesses(marked)).toBe(2);
      execFileSync('pkill', ['-f', `^sleep ${marked}`]);
    });

    const commands = {
      'a child and one in the background': (marked: string) => `sleep ${marked} & sleep ${marked}; echo no`,
      'one that ignores TERM': (marked: string) => `trap '' TERM HUP; sleep ${marked}; sleep ${marked}`,
      'one in a process group of its own': (marked: string) => `timeout 600 sleep ${marked}`,
      'one that replaced its shell': (marked: string) => `exec sleep ${marked}`,
    };
    const cases = Object.keys(commands).flatMap((kind) => [
      { kind, name: 'tpi-fish', sudo: false },
      { kind, name: 'tpi-noisy', sudo: true },
    ]);
    cases.push(
      { kind: 'a child and one in the background', name: 'tpi-tcsh', sudo: true },
      { kind: 'a child and one in the background', name: 'tpi-free', sudo: true },
    );
    it.each(cases)('leaves nothing of $kind ($name, sudo: $sudo)', async ({ kind, name, sudo }) => {
      await using session = await connectSsh(lab.withPassword(name, PASSWORD), { signal });
      const marked = mark();
      const command = `echo going; ${commands[kind as keyof typeof commands](marked)}`;
      await expect(session.exec(command, { sudo, timeoutMs: 1_200 })).rejects.toMatchObject({
        code: 'COMMAND_TIMEOUT',
      });
      expect(countProcesses(marked)).toBe(0);
      const stop = new AbortController();
      const running = session.exec(command, {
        sudo,
        signal: stop.signal,
        input: Buffer.alloc(1_000_000),
        onOutput: (text) => {
          if (text.includes('going')) stop.abort(new Error('enough'));
        },
      });
      await expect(running).rejects.toThrow('enough');
      expect(countProcesses(marked)).toBe(0);
      expect((await session.exec(['echo', 'alive'])).stdout).toBe('alive\n');
    });

    it('ends what root runs for a command of the user, and what runs when the session is closed', async () => {
      const marked = mark();
      const session = await connectSsh(lab.withPassword('tpi-free', PASSWORD), { signal });
      await expect(session.exec(`sudo sleep ${marked}`, { timeoutMs: 800 })).rejects.toMatchObject({
        code: 'COMMAND_TIMEOUT',
      });
      expect(countProcesses(marked)).toBe(0);
      let closing: Promise<void> | undefined;
      const running = session.exec(`echo going; sleep ${marked}`, {
        onOutput: () => {
          closing ??= Promise.resolve(session[Symbol.asyncDispose]());
        },
      });
      const [ended] = await Promise.allSettled([running]);
      await closing;
      expect(ended).toMatchObject({ reason: { code: 'SSH_CONNECTION_LOST' } });
      expect(countProcesses(marked)).toBe(0);
    });

    it('runs nothing of a command that is aborted before it was sent', async () => {
      await using session = await connectSsh(lab.withPassword('tpi-free', PASSWORD), { signal });
      const marked = mark();
      const first = session.exec(['sleep', '0.5']);
      const stop = new AbortController();
      const second = session.exec(`sleep ${marked}`, { signal: stop.signal });
      const third = session.exec(['echo', 'third']);
      stop.abort(new Error('enough'));
      await expect(second).rejects.toThrow('enough');
      await first;
      expect((await third).stdout).toBe('third\n');
      expect(countProcesses(marked)).toBe(0);
    });

    it('ends a file that is given up, and replaces no directory', async () => {
      await using session = await connectSsh(lab.withPassword('tpi-noisy', PASSWORD), { signal });
      const directory = join(lab.dir, 'given-up');
      for (const sudo of [true, false]) {
        const stop = new AbortController();
        const writing = session.writeFile(join(directory, 'file'), Buffer.alloc(64_000_000), {
          sudo,
          signal: stop.signal,
          owner: 'tpi-noisy',
          onProgress: (sent) => {
            if (sent > 4_000_000) stop.abort(new Error('enough'));
          },
        });
        await expect(writing).rejects.toThrow('enough');
        expect(await readdir(directory)).toEqual([]);
        await session.exec(['chown', '-R', 'tpi-noisy', directory], { sudo: true });
      }
      await session.exec(['mkdir', join(directory, 'taken')]);
      await expect(session.writeFile(join(directory, 'taken'), 'x')).rejects.toMatchObject({
        code: 'SSH_FILE_FAILED',
      });
    });

    it('removes what a write leaves that had to be killed', async () => {
      await using session = await connectSsh(lab.withPassword('tpi-stuck', PASSWORD), { signal });
      const directory = join(lab.dir, 'home/tpi-stuck/data');
      const stop = new AbortController();
      const writing = session.writeFile(join(directory, 'file'), Buffer.alloc(64_000_000), {
        signal: stop.signal,
        onProgress: (sent) => {
          if (sent > 4_000_000) stop.abort(new Error('enough'));
        },
      });
      await expect(writing).rejects.toThrow('enough');
      expect(await readdir(directory)).toEqual([]);
    });

    it('says why a command could not be run', async () => {
      const expectCode = async (name: string, sudo: boolean, code: string, said: RegExp): Promise<void> => {
        await using session = await connectSsh(lab.withPassword(name, PASSWORD), { signal });
        await expect(session.exec(['true'], { sudo })).rejects.toMatchObject({
          code,
          message: expect.stringMatching(said) as string,
        });
      };
      await expectCode('tpi-nologin', false, 'SSH_NO_SHELL', /not available/);
      await expectCode('tpi-tty', true, 'SSH_SUDO_NEEDS_TTY', /tty/);
      await expectCode('tpi-nosudo', true, 'SSH_SUDO_MISSING', /not found/);
    });
  },
);
