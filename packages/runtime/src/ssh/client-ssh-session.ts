import type { Duplex } from 'node:stream';
import type { Client } from 'ssh2';
import { commandFailure, lastLines } from '../command/command-failure.js';
import { RuntimeError } from '../runtime-error.js';
import { type CommandRunEnd, CommandRunner, type CommandRunOptions } from './command-runner.js';
import { FedShells } from './fed-shells.js';
import { dropConnection } from './drop-connection.js';
import { forwardConnection, type ForwardLimits } from './forward-connection.js';
import { type RunCommand, ShellFiles } from './shell-files.js';
import { ShellTrees } from './shell-trees.js';
import { openShellTerminal } from './shell-terminal.js';
import type {
  SshCommandResult,
  SshCopyOptions,
  SshExecOptions,
  SshReadOptions,
  SshSession,
  SshTerminal,
  SshWriteOptions,
} from './ssh-session.js';
import { describeTarget, type SshTarget } from './ssh-target.js';

// What sshd and PAM print instead of running a command, when the password must be changed first.
const EXPIRED =
  /your password has expired|password change required|you (must|are required to) change your password/i;

/** Within which a server ends a connection when it is asked to. */
const CLOSE_MS = 2000;

/** A session over an `ssh2` client that is logged in. */
export class ClientSshSession implements SshSession {
  readonly username: string;
  readonly place: string;
  readonly closed: Promise<void>;
  /** Runs this session's commands. */
  readonly runner: CommandRunner;
  readonly #client: Client;
  readonly #shells: FedShells;
  readonly #files: ShellFiles;
  readonly #trees: ShellTrees;

  /**
   * @param reconnect - Logs in once more, to a server with the same key.
   * @param hop - What the connection goes through; it is this session's, and ends with it.
   */
  constructor(
    client: Client,
    target: SshTarget,
    readonly hostKey: string,
    reconnect: () => Promise<ClientSshSession>,
    private readonly hop?: AsyncDisposable,
  ) {
    this.#client = client;
    this.username = target.username;
    this.place = describeTarget(target);
    this.closed = new Promise((resolve) => client.once('close', () => resolve()));
    if (hop !== undefined) void this.closed.then(() => hop[Symbol.asyncDispose]());
    this.runner = new CommandRunner(client, target, this.place, reconnect);
    this.#shells = new FedShells(this.runner, this.place);
    const run: RunCommand = (command, options) => this.#run(command, options);
    this.#files = new ShellFiles(this.place, run);
    this.#trees = new ShellTrees(this.place, run, this.#files);
  }

  async exec(command: string | readonly string[], options: SshExecOptions = {}): Promise<SshCommandResult> {
    const { input, allowFailure = false, ...rest } = options;
    const end = await this.#run(command, {
      ...rest,
      sudo: rest.sudo === true || rest.user !== undefined,
      ...(input !== undefined && { input: typeof input === 'string' ? Buffer.from(input) : input }),
    });
    const { exitCode, signal } = end;
    const [stdout, stderr] = [end.stdout.text(), end.stderr.text()];
    if (!allowFailure && exitCode !== 0)
      throw commandFailure({ command, place: this.place, exitCode, signal, stdout, stderr });
    const truncated = end.stdout.truncated || end.stderr.truncated;
    return Object.defineProperties(
      { exitCode, signal, stdout, stderr, truncated },
      { stdoutBytes: { get: () => end.stdout.bytes() }, stderrBytes: { get: () => end.stderr.bytes() } },
    );
  }

  openTerminal(options: { readonly signal?: AbortSignal } = {}): Promise<SshTerminal> {
    return openShellTerminal(this.runner.slots, options.signal);
  }

  writeFile(path: string, content: string | Uint8Array, options: SshWriteOptions = {}): Promise<void> {
    return this.#files.write(path, typeof content === 'string' ? Buffer.from(content) : content, options);
  }

  upload(localPath: string, remotePath: string, options: SshWriteOptions = {}): Promise<void> {
    return this.#files.upload(localPath, remotePath, options);
  }

  copyDirectory(
    localDirectory: string,
    remoteDirectory: string,
    options: SshCopyOptions = {},
  ): Promise<void> {
    return this.#trees.copy(localDirectory, remoteDirectory, options);
  }

  readFile(path: string, options: SshReadOptions = {}): Promise<Buffer> {
    return this.#files.read(path, options);
  }

  download(
    remotePath: string,
    localPath: string,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<void> {
    return this.#files.download(remotePath, localPath, options.signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#shells.release();
    await this.runner.close();
    this.#client.end();
    const patience = setTimeout(() => {
      dropConnection(this.#client);
      void this.hop?.[Symbol.asyncDispose](); // what goes through it ends with it
    }, CLOSE_MS);
    await this.closed;
    clearTimeout(patience);
    await this.hop?.[Symbol.asyncDispose]();
  }

  /** Connects from the server to another one. @throws as {@link forwardConnection} */
  forward(to: SshTarget, limits: ForwardLimits): Promise<Duplex> {
    return forwardConnection(this.#client, this.place, to, limits);
  }

  /** Runs a command that must at least have been started. */
  async #run(command: string | readonly string[], options: CommandRunOptions): Promise<CommandRunEnd> {
    const end = await this.#shells.run(command, options);
    if (!end.started) throw this.#noShell(end);
    if (end.sudo !== undefined && !end.sudo.started) throw end.sudo.refused(end.exitCode);
    return end;
  }

  #noShell({ saidBefore, exitCode }: CommandRunEnd): RuntimeError {
    if (EXPIRED.test(saidBefore))
      return new RuntimeError(
        'SSH_PASSWORD_EXPIRED',
        `The password of ${this.place} must be changed before use.`,
      );
    const said = lastLines(saidBefore);
    return new RuntimeError(
      'SSH_NO_SHELL',
      `${this.place} lets us in but runs no commands: its login shell ended with exit code ${exitCode}${said === '' ? '' : `:\n${said}`}`,
      { details: { place: this.place, exitCode, said } },
    );
  }
}
