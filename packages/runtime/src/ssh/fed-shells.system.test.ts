import { execFileSync } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectSsh } from './connect-ssh.js';
import { type LabUser, OpenSshLab } from './openssh.fixture.js';
import type { SshSession } from './ssh-session.js';

/* Commands that share one shell on the node must not notice it: whatever `sh` is there, and whatever they leave behind. */
const SHELLS = { dash: '/usr/bin/dash', bash: '/usr/bin/bash', busybox: '/usr/bin/busybox' };
const missing = [...OpenSshLab.missing, ...Object.values(SHELLS).filter((shell) => !existsSync(shell))];
const required = process.env['CI'] === 'true';
const signal = new AbortController().signal;
const PASSWORD = 'pass-word-7';
const KINDS = Object.keys(SHELLS);

const users: LabUser[] = Object.entries(SHELLS).map(([name, shell], index) => ({
  name: `tpi-${name}`,
  uid: 4201 + index,
  password: PASSWORD,
  shell: '/bin/bash',
  files: { '.bashrc': `mkdir -p ~/bin; ln -sf ${shell} ~/bin/sh; PATH=~/bin:$PATH\n` },
}));

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
  `a shell that is fed commands (needs ${Object.values(SHELLS).join(', ')}, ${OpenSshLab.needs})`,
  () => {
    let lab: OpenSshLab;
    beforeAll(async () => {
      lab = await OpenSshLab.start({
        users,
        sudoers: [...KINDS.map((name) => `tpi-${name} ALL=(ALL) ALL`), 'Defaults timestamp_timeout=0'],
        config: ['LogLevel VERBOSE'],
      });
    });
    afterAll(() => lab[Symbol.asyncDispose]());

    const connect = (kind: string): Promise<SshSession> =>
      connectSsh(lab.withPassword(`tpi-${kind}`, PASSWORD), { signal });
    const channels = (): number => lab.log.split('Starting session: ').length;

    it.each(KINDS)('runs many commands over few channels (%s)', async (kind) => {
      await using session = await connect(kind);
      const before = channels();
      for (let count = 0; count < 40; count += 1) {
        const sudo = count % 4 === 3;
        const { stdout } = await session.exec(['sh', '-c', 'echo "$1"; id -u', 'sh', String(count)], {
          sudo,
        });
        expect(stdout).toMatch(new RegExp(`^${count}\n${sudo ? '0' : '42\\d\\d'}\n$`));
      }
      // The first command, a shell of the user, a shell of root; a process of somebody else may spoil one now and then.
      expect(channels() - before).toBeLessThan(12);
    });

    it.each(KINDS)('gives every command a shell of its own (%s)', async (kind) => {
      await using session = await connect(kind);
      await session.exec(['true']);
      const home = (await session.exec('pwd')).stdout;
      for (const sudo of [false, true]) {
        const result = (line: string) => session.exec(line, { sudo, allowFailure: true });
        expect(await result('x=1; cd /; umask 000; export Y=2; set -e; false; echo no')).toMatchObject({
          exitCode: 1,
          stdout: '',
        });
        expect((await result('echo "$x$Y$(umask)"; env | grep tpi_')).stdout).toMatch(/^0\d\d\d\n$/);
        expect(await result('trap "echo bye" EXIT; exit 5')).toMatchObject({ exitCode: 5, stdout: 'bye\n' });
        expect((await result('sh -c "echo \\$PPID"; echo $$')).stdout).toMatch(/^(\d+)\n\1\n$/);
        const [one, other] = [await result('echo $$'), await result('echo $$')];
        expect(one.stdout).not.toBe(other.stdout);
        expect(await result('kill -TERM $$')).toMatchObject({ exitCode: 143, signal: 'SIGTERM', stderr: '' });
        expect(await result('exec sh -c "exit 6"')).toMatchObject({ exitCode: 6, signal: undefined });
        expect(await result('if then')).toMatchObject({ stdout: '' });
        expect((await result('if then')).exitCode).not.toBe(0);
        expect(await result('# nothing\n\ncat <<X\n$((1 + 1))\nX\n')).toMatchObject({
          stdout: '2\n',
          exitCode: 0,
        });
      }
      expect((await session.exec('pwd')).stdout).toBe(home);
      expect((await session.exec(['exit', '3'], { allowFailure: true })).exitCode).toBe(3);
      await expect(session.exec(['no-such-program'])).rejects.toMatchObject({ code: 'COMMAND_NOT_FOUND' });
    });

    it.each(KINDS)('runs a command where and with what it is told to (%s)', async (kind) => {
      await using session = await connect(kind);
      const env = { TPI_WORD: "it's $HOME\n", B: '' };
      for (const fed of [false, true])
        for (const sudo of [false, true]) {
          const told = { sudo, cwd: '/usr', env, ...(!fed && { input: Buffer.alloc(100_000) }) };
          expect((await session.exec('pwd; printf "%s" "$TPI_WORD"', told)).stdout).toBe(
            "/usr\nit's $HOME\n",
          );
          expect((await session.exec(['printenv', 'TPI_WORD', 'B'], told)).stdout).toBe("it's $HOME\n\n\n");
          expect((await session.exec('echo "[$TPI_WORD]"', { sudo })).stdout).toBe('[]\n');
          const nowhere = session.exec('echo no', { ...told, cwd: '/no/such' });
          await expect(nowhere).rejects.toMatchObject({
            code: 'COMMAND_FAILED',
            message: expect.stringContaining('/no/such') as string,
          });
        }
      await expect(session.exec(['true'], { env: { 'A;B': '' } })).rejects.toMatchObject({
        code: 'COMMAND_INVALID',
      });
    });

    it.each(KINDS)('runs a command as another user, and ends all of it (%s)', async (kind) => {
      await using session = await connect(kind);
      const uid = execFileSync('id', ['-u', 'nobody'], { encoding: 'utf8' });
      for (const padding of [0, 100_000]) {
        const told = { user: 'nobody', env: { WORD: "it's" }, input: Buffer.alloc(padding) };
        expect((await session.exec(['id', '-u'], told)).stdout).toBe(uid); // a user who logs in nowhere
        expect(
          (await session.exec('pwd; echo "$USER $WORD"; env | grep -c tpi_', { ...told, allowFailure: true }))
            .stdout,
        ).toBe("/\nnobody it's\n0\n");
        expect((await session.exec(['wc', '-c'], told)).stdout.trim()).toBe(String(padding));
        const marked = mark();
        const hung = session.exec(['sleep', marked], { ...told, timeoutMs: 1_500 });
        await expect(hung).rejects.toMatchObject({ code: 'COMMAND_TIMEOUT' });
        expect(countProcesses(marked)).toBe(0);
      }
      for (const [user, code] of [
        ['no-such-user', 'COMMAND_FAILED'],
        ['nobody; reboot', 'COMMAND_INVALID'],
        ['-c', 'COMMAND_INVALID'],
      ] as const)
        await expect(session.exec(['true'], { user })).rejects.toMatchObject({ code });
    });

    it.each(KINDS)('keeps standard input apart from the feed, and both streams whole (%s)', async (kind) => {
      await using session = await connect(kind);
      await session.exec(['true']);
      const all = Buffer.from(Array.from({ length: 1024 }, (_, index) => index % 256));
      for (const sudo of [false, true]) {
        expect((await session.exec('cat; read x; echo "[$x]"', { sudo, allowFailure: true })).stdout).toBe(
          '[]\n',
        );
        const echoed = await session.exec('tee /dev/stderr', { sudo, input: all });
        expect(echoed.stdoutBytes?.equals(all)).toBe(true);
        expect(echoed.stderrBytes?.equals(all)).toBe(true);
        expect(JSON.stringify(echoed)).not.toContain('Bytes');
        expect((await session.exec('head -c 3; true', { sudo, input: 'abcdef' })).stdout).toBe('abc');
        expect((await session.exec(['true'], { sudo, input: Buffer.alloc(16_000) })).exitCode).toBe(0);
        const big = await session.exec(
          'head -c 700000 /dev/zero | tr "\\0" a; head -c 700000 /dev/zero | tr "\\0" b >&2',
          { sudo },
        );
        expect(big.stdout).toBe('a'.repeat(700_000));
        expect(big.stderr).toBe('b'.repeat(700_000));
      }
      const told: string[] = [];
      await session.exec(
        `printf '{${'0'.repeat(16)}:0+}{ready}'; printf '\\303'; sleep 0.1; printf '\\244'`,
        {
          onOutput: (text, stream) => stream === 'stdout' && told.push(text),
        },
      );
      expect(told.join('')).toBe(`{${'0'.repeat(16)}:0+}{ready}ä`);
    });

    const left = {
      'a child': (marked: string) => `sleep ${marked} & echo started`,
      'one without our streams': (marked: string) =>
        `nohup sleep ${marked} >/dev/null 2>&1 </dev/null & echo started`,
      'one in a session of its own': (marked: string) => `setsid sleep ${marked} & echo started`,
      'one that speaks later': (marked: string) =>
        `{ sleep 0.3; echo late; exec sleep ${marked}; } & echo started`,
    };
    const cases = Object.keys(left).flatMap((what) => KINDS.map((kind) => ({ what, kind })));
    it.each(cases)('lets $what live, and hears nothing of it ($kind)', async ({ what, kind }) => {
      await using session = await connect(kind);
      await session.exec(['true']);
      for (const sudo of [false, true]) {
        const marked = mark();
        const { stdout } = await session.exec(left[what as keyof typeof left](marked), {
          sudo,
          timeoutMs: 20_000,
        });
        expect(stdout).toBe('started\n');
        expect((await session.exec('sleep 0.5; echo next', { sudo })).stdout).toBe('next\n');
        await expect(session.exec(['sleep', '60'], { sudo, timeoutMs: 200 })).rejects.toMatchObject({
          code: 'COMMAND_TIMEOUT',
        });
        if (what !== 'one that speaks later') expect(countProcesses(marked)).toBe(1); // it may die of its broken pipe
        execFileSync('sh', ['-c', `pkill -f '^sleep ${marked}' || true`]);
        expect((await session.exec(['echo', 'alive'], { sudo })).stdout).toBe('alive\n');
      }
    });

    it.each(KINDS)(
      'goes on after a command that ends all it can, one that hangs, and one that is aborted (%s)',
      async (kind) => {
        await using session = await connect(kind);
        await session.exec(['true']);
        for (const sudo of [false, true]) {
          const marked = mark();
          const killed = await session.exec('echo last; kill -KILL 0', { sudo, allowFailure: true });
          expect(killed).toMatchObject({ stdout: 'last\n' });
          expect(killed.exitCode).not.toBe(0);
          await expect(
            session.exec(`trap '' TERM HUP; sleep ${marked}; sleep ${marked}`, { sudo, timeoutMs: 500 }),
          ).rejects.toMatchObject({
            code: 'COMMAND_TIMEOUT',
            message: expect.stringContaining(marked) as string,
          });
          expect(countProcesses(marked)).toBe(0);
          const stop = new AbortController();
          const running = session.exec(`echo going; sleep ${marked}`, {
            sudo,
            signal: stop.signal,
            onOutput: () => stop.abort(new Error('enough')),
          });
          await expect(running).rejects.toThrow('enough');
          expect(countProcesses(marked)).toBe(0);
          expect((await session.exec(['echo', 'alive'], { sudo })).stdout).toBe('alive\n');
        }
      },
    );

    it('runs at once what comes at once', async () => {
      await using session = await connect('dash');
      await session.exec(['true']);
      const results = await Promise.all(
        Array.from({ length: 6 }, (_, index) =>
          session.exec(`sleep 0.3; echo ${index}`, { sudo: index % 3 === 0 }),
        ),
      );
      expect(results.map(({ stdout }) => stdout.trim())).toEqual(['0', '1', '2', '3', '4', '5']);
    });

    it('shows nothing of a command to other users of the node', async () => {
      await using session = await connect('dash');
      await session.exec(['true']);
      for (const sudo of [false, true]) {
        const secret = randomBytes(12).toString('hex');
        const running = session.exec(`x=${secret}; echo going; sleep 1.5; echo "$x" | wc -c`, { sudo });
        const seen = execFileSync(
          'sh',
          ['-c', 'for i in 1 2 3 4 5; do cat /proc/[0-9]*/cmdline; sleep 0.2; done 2>/dev/null; true'],
          {
            encoding: 'latin1',
            maxBuffer: 100_000_000,
          },
        );
        expect((await running).stdout).toBe('going\n25\n');
        expect(seen).toContain('sshd');
        expect(seen).not.toContain(secret);
      }
    });

    it('opens a terminal, and writes a file larger than it takes, beside it', async () => {
      await using session = await connect('dash');
      await session.exec(['true']);
      await session.exec(['true']);
      const file = join(lab.dir, 'home/tpi-dash/large');
      await session.writeFile(file, Buffer.alloc(200_000, 'x'));
      expect((await session.readFile(file)).length).toBe(200_000);
      await using terminal = await session.openTerminal({ signal });
      await terminal.sendLine('echo here; exit 4');
      let said = '';
      for await (const text of terminal.output) said += text;
      expect(said).toContain('here');
      expect((await terminal.ended).exitCode).toBe(4);
    });
  },
);
