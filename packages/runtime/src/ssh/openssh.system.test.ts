import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { Secret } from '@turingpi/core/plugin';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateHostKeys, type HostKeyPair } from '../keys/generate-host-keys.js';
import { changeExpiredPassword } from './change-expired-password.js';
import { connectSsh } from './connect-ssh.js';
import type { SshTarget } from './ssh-target.js';
import { waitForSsh } from './wait-for-ssh.js';

/*
 * The real thing: OpenSSH's sshd with PAM, sudo and passwd. Users with passwords are needed, so it runs in a mount
 * namespace with a copy of /etc of its own: nothing of this machine is changed. That takes Linux, root, and the
 * programs sshd, sudo, unshare and openssl.
 */
const PROGRAMS = ['/usr/sbin/sshd', '/usr/bin/sudo', '/usr/bin/unshare', '/usr/bin/openssl'];
const missing =
  process.platform !== 'linux' || process.getuid?.() !== 0
    ? ['root on Linux']
    : PROGRAMS.filter((program) => !existsSync(program));
const required = process.env['CI'] === 'true';

const signal = new AbortController().signal;
let dir: string;
let server: ChildProcess;
let port: number;
let hostKeys: HostKeyPair[];
let userKey: Secret;
let serverLog = '';

function crypt(password: string): string {
  return execFileSync('openssl', ['passwd', '-6', '-stdin'], { input: password, encoding: 'utf8' }).trim();
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const found = (probe.address() as AddressInfo).port;
  probe.close();
  await once(probe, 'close');
  return found;
}

async function startOpenSsh(): Promise<void> {
  dir = await mkdtemp(join(tmpdir(), 'turingpi-sshd-'));
  port = await freePort();
  const etc = join(dir, 'etc');
  await cp('/etc', etc, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => !path.includes('.lock'),
  });
  const users = [
    { name: 'tpi-root', uid: 0, shadow: crypt('unused'), last: '19900' },
    { name: 'tpi-admin', uid: 4001, shadow: crypt('admin-password'), last: '19900' },
    { name: 'tpi-free', uid: 4002, shadow: crypt('free-password'), last: '19900' },
    { name: 'tpi-plain', uid: 4003, shadow: crypt('plain-password'), last: '19900' },
    { name: 'tpi-expired', uid: 4004, shadow: crypt('first-password'), last: '0' },
  ];
  const passwd = users.map(
    ({ name, uid }) => `${name}:x:${uid}:${uid}::${join(dir, 'home', name)}:/bin/sh\n`,
  );
  const shadow = users.map((user) => `${user.name}:${user.shadow}:${user.last}:0:99999:7:::\n`);
  await writeFile(join(etc, 'passwd'), (await readFile('/etc/passwd', 'utf8')) + passwd.join(''));
  await writeFile(join(etc, 'shadow'), (await readFile('/etc/shadow', 'utf8')) + shadow.join(''), {
    mode: 0o640,
  });
  await writeFile(
    join(etc, 'sudoers.d', 'tpi'),
    'tpi-admin ALL=(ALL) ALL\ntpi-free ALL=(ALL) NOPASSWD: ALL\n',
    {
      mode: 0o440,
    },
  );

  const [clientKey] = await generateHostKeys(['ed25519']);
  userKey = clientKey!.privateKey;
  for (const { name, uid } of users) {
    const ssh = join(dir, 'home', name, '.ssh');
    await mkdir(ssh, { recursive: true }); // sshd accepts 0755, and the homes above must be passable
    await writeFile(join(ssh, 'authorized_keys'), `${clientKey!.publicKey}\n`, { mode: 0o600 });
    execFileSync('chown', ['-R', `${uid}:${uid}`, join(dir, 'home', name)]);
  }
  execFileSync('chmod', ['755', dir]);

  hostKeys = await generateHostKeys(['ed25519', 'ecdsa', 'rsa']);
  const config = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    'PidFile none',
    'UsePAM yes',
    'PermitRootLogin prohibit-password',
    'PasswordAuthentication yes',
    'KbdInteractiveAuthentication no',
    'Subsystem sftp internal-sftp',
  ];
  for (const key of hostKeys) {
    const path = join(dir, `ssh_host_${key.type}_key`);
    await writeFile(path, key.privateKey.reveal(), { mode: 0o600 });
    config.push(`HostKey ${path}`);
  }
  await writeFile(join(dir, 'sshd_config'), `${config.join('\n')}\n`);

  const namespace =
    'mount --bind "$1/etc" /etc && mount -t tmpfs none /run && mkdir /run/sshd && exec /usr/sbin/sshd -D -e -f "$1/sshd_config"';
  server = spawn('unshare', ['-m', 'sh', '-c', namespace, 'sh', dir], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  server.stderr?.on('data', (chunk: Buffer) => (serverLog += chunk.toString()));
  while (!serverLog.includes('Server listening')) {
    if (server.exitCode !== null) throw new Error(`sshd did not start: ${serverLog}`);
    await Promise.race([once(server.stderr!, 'data'), once(server, 'exit')]);
  }
}

function target(username: string, auth: SshTarget['auth'], keys = hostKeys): SshTarget {
  return { host: '127.0.0.1', port, username, auth, hostKeys: keys.map((key) => key.publicKey) };
}

const withKey = (username: string): SshTarget => target(username, { privateKey: userKey });
const withPassword = (username: string, password: string): SshTarget =>
  target(username, { password: new Secret(password) });

describe.skipIf(missing.length > 0 && !required)(
  `against OpenSSH (needs ${PROGRAMS.join(', ')}, root)`,
  () => {
    beforeAll(startOpenSsh);
    afterAll(async () => {
      server.kill('SIGTERM');
      if (server.exitCode === null) await once(server, 'exit');
      await rm(dir, { recursive: true, force: true });
    });

    it('accepts every type of host key that we generate, and asks for the one that is known', async () => {
      for (const key of hostKeys) {
        await using session = await connectSsh(target('tpi-plain', { privateKey: userKey }, [key]), {
          signal,
        });
        expect(session.hostKey).toBe(key.publicKey.split(' ').slice(0, 2).join(' '));
      }
    });

    it('refuses a server with another key before it sends anything', async () => {
      const others = await generateHostKeys(['ed25519']);
      const attempt = connectSsh(target('tpi-plain', { password: new Secret('plain-password') }, others), {
        signal,
      });
      await expect(attempt).rejects.toMatchObject({
        code: 'SSH_HOST_KEY_MISMATCH',
        message: expect.stringContaining(others[0]!.fingerprint) as string,
      });
      expect(serverLog).not.toMatch(/Accepted password for tpi-plain/);
    });

    it('refuses wrong keys and wrong passwords with a code', async () => {
      const [other] = await generateHostKeys(['ed25519']);
      await expect(
        connectSsh(target('tpi-plain', { privateKey: other!.privateKey }), { signal }),
      ).rejects.toMatchObject({ code: 'SSH_AUTH_REFUSED' });
      await expect(connectSsh(withPassword('tpi-plain', 'wrong'), { signal })).rejects.toMatchObject({
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
      const mine = join(dir, 'home', 'tpi-admin', 'new', 'dir', 'file with space');
      await session.writeFile(mine, 'one', { mode: 0o640 });
      await session.writeFile(mine, 'two', { mode: 0o600 });
      expect(await readFile(mine, 'utf8')).toBe('two');
      expect(await stat(mine)).toMatchObject({ uid: 4001, mode: 0o100600 });

      const roots = join(dir, 'made', 'by-root');
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

      await expect(session.writeFile(join(dir, 'made', 'denied'), 'x')).rejects.toMatchObject({
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
      const [source, remote, back] = [join(dir, 'source'), join(dir, 'remote'), join(dir, 'back')];
      await writeFile(source, Buffer.alloc(1_234_567, 'y'));
      await session.upload(source, remote, { mode: 0o644 });
      await session.download(remote, back);
      expect((await readFile(back)).equals(await readFile(source))).toBe(true);
      await expect(session.download(join(dir, 'nothing'), join(dir, 'other'))).rejects.toMatchObject({
        code: 'SSH_FILE_NOT_FOUND',
      });
      expect(existsSync(join(dir, 'other'))).toBe(false);
      await expect(session.upload(join(dir, 'nothing'), remote)).rejects.toMatchObject({
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
      const socket = join(dir, 'agent');
      const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
      try {
        const key = join(dir, 'agent-key');
        await writeFile(key, userKey.reveal(), { mode: 0o600 });
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
        await using session = await connectSsh(target('tpi-plain', { agent: socket }), { signal });
        expect((await session.exec(['whoami'])).stdout).toBe('tpi-plain\n');
      } finally {
        agent.kill();
      }
    });
  },
);
