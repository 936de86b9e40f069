import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Secret } from '@turingpi/foundation';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateHostKeys } from '../keys/generate-host-keys.js';
import { changeExpiredPassword } from './change-expired-password.js';
import { connectSsh } from './connect-ssh.js';
import { OpenSshLab } from './openssh.fixture.js';
import type { SshTarget } from './ssh-target.js';
import { waitForSsh } from './wait-for-ssh.js';

const required = process.env['CI'] === 'true';
const signal = new AbortController().signal;
let lab: OpenSshLab;

async function start(): Promise<void> {
  lab = await OpenSshLab.start({
    users: [
      { name: 'tpi-root', uid: 0, password: 'unused' },
      { name: 'tpi-admin', uid: 4001, password: 'admin-password' },
      { name: 'tpi-free', uid: 4002, password: 'free-password' },
      { name: 'tpi-plain', uid: 4003, password: 'plain-password' },
      { name: 'tpi-expired', uid: 4004, password: 'first-password', expired: true },
      { name: 'tpi-asked', uid: 4005, password: 'asked-password' },
      { name: 'tpi-both', uid: 4006, password: 'both-password' },
    ],
    sudoers: ['tpi-admin ALL=(ALL) ALL', 'tpi-free ALL=(ALL) NOPASSWD: ALL'],
    config: [
      'Subsystem sftp internal-sftp',
      ...['Match User tpi-asked', 'PasswordAuthentication no', 'KbdInteractiveAuthentication yes'],
      ...['Match User tpi-both', 'PasswordAuthentication no', 'KbdInteractiveAuthentication yes'],
      'AuthenticationMethods publickey,keyboard-interactive',
    ],
  });
}

const withKey = (username: string): SshTarget => lab.withKey(username);
const withPassword = (username: string, password: string): SshTarget => lab.withPassword(username, password);

describe.skipIf(OpenSshLab.missing.length > 0 && !required)(
  `against OpenSSH (needs ${OpenSshLab.needs})`,
  () => {
    beforeAll(start);
    afterAll(() => lab[Symbol.asyncDispose]());

    it('accepts every type of host key that we generate, and asks for the one that is known', async () => {
      for (const key of lab.hostKeys) {
        await using session = await connectSsh(lab.target('tpi-plain', { privateKey: lab.userKey }, [key]), {
          signal,
        });
        expect(session.hostKey).toBe(key.publicKey.split(' ').slice(0, 2).join(' '));
      }
    });

    it('refuses a server with another key before it sends anything', async () => {
      const others = await generateHostKeys(['ed25519']);
      const attempt = connectSsh(
        lab.target('tpi-plain', { password: new Secret('plain-password') }, others),
        {
          signal,
        },
      );
      await expect(attempt).rejects.toMatchObject({
        code: 'SSH_HOST_KEY_MISMATCH',
        message: expect.stringContaining(others[0]!.fingerprint) as string,
      });
      expect(lab.log).not.toMatch(/Accepted password for tpi-plain/);
    });

    it('refuses wrong keys and wrong passwords with a code', async () => {
      const [other] = await generateHostKeys(['ed25519']);
      await expect(
        connectSsh(lab.target('tpi-plain', { privateKey: other!.privateKey }), { signal }),
      ).rejects.toMatchObject({ code: 'SSH_AUTH_REFUSED' });
      await expect(connectSsh(withPassword('tpi-plain', 'wrong'), { signal })).rejects.toMatchObject({
        code: 'SSH_AUTH_REFUSED',
      });
    });

    it('answers the question of a server that takes no password but asks for one', async () => {
      await using session = await connectSsh(withPassword('tpi-asked', 'asked-password'), { signal });
      expect((await session.exec(['id', '-un'])).stdout).toBe('tpi-asked\n');
      expect(lab.log).toContain('Accepted keyboard-interactive/pam for tpi-asked');
      await expect(connectSsh(withPassword('tpi-asked', 'wrong'), { signal })).rejects.toMatchObject({
        code: 'SSH_AUTH_REFUSED',
      });
      expect(lab.log).not.toContain('asked-password');
    });

    it('answers after the key where a server wants both', async () => {
      const password = new Secret('both-password');
      const both = lab.target('tpi-both', { privateKey: lab.userKey, password });
      await using session = await connectSsh(both, { signal });
      expect((await session.exec(['id', '-un'])).stdout).toBe('tpi-both\n');
      await expect(connectSsh(withKey('tpi-both'), { signal })).rejects.toMatchObject({
        code: 'SSH_AUTH_REFUSED',
      });
    });

    it('runs commands with input, output, exit codes and awkward arguments', async () => {
      await using session = await connectSsh(withPassword('tpi-plain', 'plain-password'), { signal });
      const words = ['a b', "it's", '$HOME', '`id`', '', '\\', 'line\nbreak', '-n', 'ü'];
      const { stdout } = await session.exec(['printf', '%s|', ...words]);
      expect(stdout).toBe(words.map((word) => `${word}|`).join(''));
      expect((await session.exec('cat', { input: 'from here' })).stdout).toBe('from here');
      await expect(session.exec('echo oops >&2; exit 3')).rejects.toMatchObject({
        code: 'COMMAND_FAILED',
        message: expect.stringContaining('oops') as string,
        details: { exitCode: 3 },
      });
      expect(await session.exec('kill -TERM $$', { allowFailure: true })).toMatchObject({
        signal: 'SIGTERM',
        exitCode: 143,
      });
      await expect(session.exec(['no-such-program'])).rejects.toMatchObject({ code: 'COMMAND_NOT_FOUND' });
    });

    it('ends a command that takes too long, and one that is aborted', async () => {
      await using session = await connectSsh(withKey('tpi-plain'), { signal });
      await expect(session.exec(['sleep', '60'], { timeoutMs: 200 })).rejects.toMatchObject({
        code: 'COMMAND_TIMEOUT',
      });
      const controller = new AbortController();
      const running = session.exec('echo started; sleep 60', {
        signal: controller.signal,
        onOutput: () => controller.abort(new Error('enough')),
      });
      await expect(running).rejects.toThrow('enough');
      expect((await session.exec(['echo', 'alive'])).stdout).toBe('alive\n');
    });

    it('becomes root through sudo with a password, and without one, and never leaks the password', async () => {
      await using asking = await connectSsh(withPassword('tpi-admin', 'admin-password'), { signal });
      expect(await asking.exec('id -u; cat', { sudo: true, input: 'data' })).toMatchObject({
        stdout: '0\ndata',
        stderr: '',
      });
      await using free = await connectSsh(withPassword('tpi-free', 'free-password'), { signal });
      expect((await free.exec('cat; echo err >&2', { sudo: true, input: 'data' })).stdout).toBe('data');
      expect((await free.exec('cat', { sudo: true })).stdout).toBe('');
      await using refused = await connectSsh(withPassword('tpi-plain', 'plain-password'), { signal });
      await expect(refused.exec('id', { sudo: true })).rejects.toMatchObject({ code: 'SSH_SUDO_REFUSED' });
      await using passwordless = await connectSsh(withKey('tpi-admin'), { signal });
      await expect(passwordless.exec('id', { sudo: true })).rejects.toMatchObject({
        code: 'SSH_SUDO_REFUSED',
      });
    });

    it('writes files in one step, as the user and as root', async () => {
      await using session = await connectSsh(withPassword('tpi-admin', 'admin-password'), { signal });
      const mine = join(lab.dir, 'home', 'tpi-admin', 'new', 'dir', 'file with space');
      await session.writeFile(mine, 'one', { mode: 0o640 });
      await session.writeFile(mine, 'two', { mode: 0o600 });
      expect(await readFile(mine, 'utf8')).toBe('two');
      expect(await stat(mine)).toMatchObject({ uid: 4001, mode: 0o100600 });

      const roots = join(lab.dir, 'made', 'by-root');
      const big = Buffer.alloc(3_000_000, 'x');
      const progress: number[] = [];
      await session.writeFile(roots, big, {
        sudo: true,
        mode: 0o755,
        onProgress: (sent) => progress.push(sent),
      });
      expect((await readFile(roots)).equals(big)).toBe(true);
      expect(await stat(roots)).toMatchObject({ uid: 0, gid: 0, mode: 0o100755 });
      expect(progress.at(-1)).toBe(big.length);
      expect(
        (await session.exec('ls -A /tmp | grep -E ^turingpi-[0-9a-f]{16}$', { allowFailure: true })).stdout,
      ).toBe('');

      await expect(session.writeFile(join(lab.dir, 'made', 'denied'), 'x')).rejects.toMatchObject({
        code: 'SSH_FILE_DENIED',
      });
      expect((await session.readFile(roots)).length).toBe(big.length);
      await expect(session.readFile('/no/such/file')).rejects.toMatchObject({ code: 'SSH_FILE_NOT_FOUND' });
      expect((await session.readFile('/etc/shadow', { sudo: true })).toString()).toContain('tpi-admin:');
      await expect(session.readFile('/etc/shadow')).rejects.toMatchObject({ code: 'SSH_FILE_DENIED' });
      await expect(session.readFile('/etc/nothing', { sudo: true })).rejects.toMatchObject({
        code: 'SSH_FILE_NOT_FOUND',
      });
      await expect(session.readFile(roots, { maxBytes: 1000 })).rejects.toMatchObject({
        code: 'SSH_FILE_FAILED',
      });
    });

    it('uploads and downloads', async () => {
      await using session = await connectSsh(withKey('tpi-root'), { signal });
      const [source, remote, back] = [
        join(lab.dir, 'source'),
        join(lab.dir, 'remote'),
        join(lab.dir, 'back'),
      ];
      await writeFile(source, Buffer.alloc(1_234_567, 'y'));
      await session.upload(source, remote, { mode: 0o644 });
      await session.download(remote, back);
      expect((await readFile(back)).equals(await readFile(source))).toBe(true);
      await expect(session.download(join(lab.dir, 'nothing'), join(lab.dir, 'other'))).rejects.toMatchObject({
        code: 'SSH_FILE_NOT_FOUND',
      });
      expect(existsSync(join(lab.dir, 'other'))).toBe(false);
      await expect(session.upload(join(lab.dir, 'nothing'), remote)).rejects.toMatchObject({
        code: 'LOCAL_FILE_UNREADABLE',
      });
    });

    it('changes an expired password through the dialogue, after which commands run', async () => {
      const before = withPassword('tpi-expired', 'first-password');
      await expect(waitForSsh(before, { signal })).rejects.toMatchObject({ code: 'SSH_PASSWORD_EXPIRED' });
      await expect(
        changeExpiredPassword(before, { signal, newPassword: new Secret('short') }),
      ).rejects.toMatchObject({ code: 'SSH_PASSWORD_CHANGE_FAILED' });
      await changeExpiredPassword(before, { signal, newPassword: new Secret('Quite-Another-1') });
      await using session = await waitForSsh(withPassword('tpi-expired', 'Quite-Another-1'), { signal });
      expect((await session.exec(['id', '-un'])).stdout).toBe('tpi-expired\n');
      await expect(
        changeExpiredPassword(withPassword('tpi-plain', 'plain-password'), {
          signal,
          newPassword: new Secret('x'),
        }),
      ).rejects.toMatchObject({
        code: 'SSH_PASSWORD_CHANGE_FAILED',
        message: expect.stringMatching(/does not ask/) as string,
      });
    });

    it('logs in with a key from an agent', async () => {
      const socket = join(lab.dir, 'agent');
      const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
      try {
        const key = join(lab.dir, 'agent-key');
        await writeFile(key, lab.userKey.reveal(), { mode: 0o600 });
        for (let tries = 0; ; tries += 1) {
          try {
            execFileSync('ssh-add', [key], {
              env: { SSH_AUTH_SOCK: socket, PATH: '/usr/bin:/bin' },
              stdio: 'pipe',
            });
            break;
          } catch (error) {
            if (tries > 50) throw error;
          }
        }
        await using session = await connectSsh(lab.target('tpi-plain', { agent: socket }), { signal });
        expect((await session.exec(['whoami'])).stdout).toBe('tpi-plain\n');
      } finally {
        agent.kill();
      }
    });
  },
);
