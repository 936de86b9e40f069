import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '@turingpi/foundation';
import { generateHostKeys, type HostKeyPair } from '../keys/generate-host-keys.js';
import type { SshTarget } from './ssh-target.js';

const PROGRAMS = ['/usr/sbin/sshd', '/usr/bin/sudo', '/usr/bin/unshare', '/usr/bin/openssl'];

/** A user of the server. */
export interface LabUser {
  readonly name: string;
  readonly uid: number;
  readonly password: string;
  /** Default `/bin/sh`. */
  readonly shell?: string;
  /** Whether the password must be changed first. */
  readonly expired?: boolean;
  /** Files of the home directory. */
  readonly files?: Readonly<Record<string, string>>;
}

export interface LabOptions {
  readonly users: readonly LabUser[];
  readonly sudoers: readonly string[];
  /** Lines of sshd_config; the SFTP server is one of them. */
  readonly config?: readonly string[];
  /** Shell text run in the namespace before the server starts. */
  readonly before?: string;
}

/**
 * The real thing: OpenSSH's sshd with PAM, sudo and passwd. Users with passwords are needed, so it runs in a mount
 * namespace with a copy of /etc of its own: nothing of this machine is changed.
 */
export class OpenSshLab implements AsyncDisposable {
  /** What a test needs, for its name. */
  static readonly needs = `${PROGRAMS.join(', ')}, root`;
  /** What of it is missing here. */
  static readonly missing =
    process.platform !== 'linux' || process.getuid?.() !== 0
      ? ['root on Linux']
      : PROGRAMS.filter((program) => !existsSync(program));

  /** What the server has said. */
  log = '';

  private constructor(
    readonly dir: string,
    readonly port: number,
    readonly hostKeys: readonly HostKeyPair[],
    /** Lets everybody in. */
    readonly userKey: Secret,
    private readonly server: ChildProcess,
  ) {
    server.stderr?.on('data', (chunk: Buffer) => (this.log += chunk.toString()));
  }

  static async start(options: LabOptions): Promise<OpenSshLab> {
    const { users, sudoers, config = ['Subsystem sftp internal-sftp'], before = 'true' } = options;
    const dir = await mkdtemp(join(tmpdir(), 'turingpi-sshd-'));
    const port = await freePort();
    const etc = join(dir, 'etc');
    await cp('/etc', etc, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => !path.includes('.lock'),
    });
    const line = ({ name, uid, shell = '/bin/sh' }: LabUser): string =>
      `${name}:x:${uid}:${uid}::${join(dir, 'home', name)}:${shell}\n`;
    const shadow = ({ name, password, expired = false }: LabUser): string =>
      `${name}:${crypt(password)}:${expired ? '0' : '19900'}:0:99999:7:::\n`;
    const append = async (file: string, lines: readonly string[], mode: number): Promise<void> =>
      writeFile(join(etc, file), (await readFile(`/etc/${file}`, 'utf8')) + lines.join(''), { mode });
    await append('passwd', users.map(line), 0o644);
    await append('shadow', users.map(shadow), 0o640);
    await writeFile(join(etc, 'sudoers.d', 'tpi'), `${sudoers.join('\n')}\n`, { mode: 0o440 });

    const [clientKey] = await generateHostKeys(['ed25519']);
    for (const { name, uid, files = {} } of users) {
      const home = join(dir, 'home', name);
      await mkdir(join(home, '.ssh'), { recursive: true }); // sshd accepts 0755, and the homes above must be passable
      await writeFile(join(home, '.ssh/authorized_keys'), `${clientKey!.publicKey}\n`, { mode: 0o600 });
      for (const [path, content] of Object.entries(files)) {
        await mkdir(join(home, path, '..'), { recursive: true });
        await writeFile(join(home, path), content);
      }
      execFileSync('chown', ['-R', `${uid}:${uid}`, home]);
    }
    execFileSync('chmod', ['755', dir]);

    const hostKeys = await generateHostKeys(['ed25519', 'ecdsa', 'rsa']);
    const lines = [
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      'PidFile none',
      'UsePAM yes',
      'PermitRootLogin prohibit-password',
      'PasswordAuthentication yes',
      'KbdInteractiveAuthentication no',
    ];
    for (const key of hostKeys) {
      const path = join(dir, `ssh_host_${key.type}_key`);
      await writeFile(path, key.privateKey.reveal(), { mode: 0o600 });
      lines.push(`HostKey ${path}`);
    }
    await writeFile(join(dir, 'sshd_config'), [...lines, ...config, ''].join('\n'));

    const namespace = `mount --bind "$1/etc" /etc && mount -t tmpfs none /run && mkdir /run/sshd && { ${before}; } && exec /usr/sbin/sshd -D -e -f "$1/sshd_config"`;
    const server = spawn('unshare', ['-m', 'sh', '-c', namespace, 'sh', dir], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const lab = new OpenSshLab(dir, port, hostKeys, clientKey!.privateKey, server);
    while (!lab.log.includes('Server listening')) {
      if (server.exitCode !== null) throw new Error(`sshd did not start: ${lab.log}`);
      await Promise.race([once(server.stderr, 'data'), once(server, 'exit')]);
    }
    return lab;
  }

  target(username: string, auth: SshTarget['auth'], keys = this.hostKeys): SshTarget {
    return {
      host: '127.0.0.1',
      port: this.port,
      username,
      auth,
      hostKeys: keys.map((key) => key.publicKey),
    };
  }

  withKey(username: string): SshTarget {
    return this.target(username, { privateKey: this.userKey });
  }

  withPassword(username: string, password: string): SshTarget {
    return this.target(username, { password: new Secret(password) });
  }

  /** Where the server says what it does. */
  get stderr(): NodeJS.ReadableStream {
    if (this.server.stderr === null) throw new Error('the server was started without it');
    return this.server.stderr;
  }

  /** Ends the connections of a user. */
  cut(username: string): void {
    execFileSync('pkill', ['-KILL', '-f', `^sshd(-session)?: ${username}$`]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.kill('SIGTERM');
    if (this.server.exitCode === null) await once(this.server, 'exit');
    await rm(this.dir, { recursive: true, force: true });
  }
}

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
