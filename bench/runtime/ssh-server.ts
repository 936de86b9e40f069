import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { generateHostKeys, generateKeyPair, type SshKeyPair, type SshTarget } from '@turingpi/runtime';

/** OpenSSH's server on this computer, for the user who runs the benchmark, with keys of its own. */
export class BenchServer implements AsyncDisposable {
  private constructor(
    /** Its files, and what is measured. */
    readonly directory: string,
    readonly target: SshTarget,
    /** The options with which OpenSSH's programs reach it. */
    readonly options: readonly string[],
    private readonly server: ChildProcess,
  ) {}

  /** The private key that it lets in. */
  get keyFile(): string {
    return path.join(this.directory, 'user_key');
  }

  /** Its host key, for OpenSSH's programs. */
  get knownHostsFile(): string {
    return path.join(this.directory, 'known_hosts');
  }

  /** A directory that only what is done on this server is in. */
  get nodeRoot(): string {
    return path.join(this.directory, 'root');
  }

  /** @param userKey - whom it lets in; default: a new key */
  static async start(userKey?: SshKeyPair): Promise<BenchServer> {
    const directory = await mkdtemp(path.join(tmpdir(), 'turingpi-bench-ssh-'));
    const [hostKey] = await generateHostKeys(['ed25519']);
    const { privateKey, publicKey } = userKey ?? (await generateKeyPair('ed25519'));
    const port = await freePort();
    const at = (name: string): string => path.join(directory, name);
    const { username } = userInfo();
    await writeFile(at('host_key'), hostKey?.privateKey.reveal() ?? '', { mode: 0o600 });
    await writeFile(at('user_key'), privateKey.reveal(), { mode: 0o600 });
    await writeFile(at('authorized_keys'), `${publicKey}\n`, { mode: 0o600 });
    await writeFile(at('known_hosts'), `[127.0.0.1]:${port} ${hostKey?.publicKey ?? ''}\n`);
    const config = [
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      'PidFile none',
      'PermitRootLogin prohibit-password',
      'StrictModes no',
      `HostKey ${at('host_key')}`,
      `AuthorizedKeysFile ${at('authorized_keys')}`,
      'Subsystem sftp internal-sftp',
      // The start files of whoever runs the benchmark are not what is compared.
      `SetEnv HOME=${directory}`,
    ];
    await writeFile(at('sshd_config'), `${config.join('\n')}\n`);
    if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true });
    const server = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', at('sshd_config')], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let log = '';
    server.stderr.on('data', (chunk: Buffer) => (log = (log + chunk.toString()).slice(-4096)));
    while (!log.includes('Server listening')) {
      if (server.exitCode !== null) throw new Error(`sshd did not start: ${log}`);
      await Promise.race([once(server.stderr, 'data'), once(server, 'exit')]);
    }
    const target: SshTarget = {
      ...{ host: '127.0.0.1', port, username },
      auth: { privateKey },
      hostKeys: [hostKey?.publicKey ?? ''],
    };
    const options = ['-F', 'none', '-i', at('user_key')];
    for (const option of [
      `UserKnownHostsFile=${at('known_hosts')}`,
      'IdentitiesOnly=yes',
      'BatchMode=yes',
      `Port=${port}`,
    ])
      options.push('-o', option);
    return new BenchServer(directory, target, options, server);
  }

  /** `user@host`, for OpenSSH's programs. */
  get place(): string {
    return `${this.target.username}@${this.target.host}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.kill('SIGTERM');
    if (this.server.exitCode === null) await once(this.server, 'exit');
    await rm(this.directory, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
