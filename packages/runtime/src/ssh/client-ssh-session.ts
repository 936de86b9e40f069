import type { Client, ClientChannel } from 'ssh2';
import { commandFailure, describeCommand } from '../command/command-failure.js';
import { Deadline } from '../command/deadline.js';
import { quoteCommand } from '../command/quote-command.js';
import { RuntimeError } from '../runtime-error.js';
import { type ChannelResult, runChannel } from './run-channel.js';
import { SftpFiles } from './sftp-files.js';
import type {
  SshCommandResult,
  SshExecOptions,
  SshReadOptions,
  SshSession,
  SshTerminal,
  SshWriteOptions,
} from './ssh-session.js';
import { describeTarget, type SshTarget } from './ssh-target.js';
import { openShellTerminal } from './shell-terminal.js';
import { SudoConversation } from './sudo-conversation.js';

const TEN_MINUTES_MS = 600_000;
const EIGHT_MIB = 8 * 1024 * 1024;
// What sshd and PAM print instead of running a command, when the password must be changed first.
const EXPIRED =
  /your password has expired|password change required|you (must|are required to) change your password/i;

/** A session over an `ssh2` client that is logged in. */
export class ClientSshSession implements SshSession {
  readonly username: string;
  readonly place: string;
  readonly closed: Promise<void>;
  readonly #client: Client;
  readonly #target: SshTarget;
  readonly #files: SftpFiles;

  constructor(
    client: Client,
    target: SshTarget,
    readonly hostKey: string,
  ) {
    this.#client = client;
    this.#target = target;
    this.username = target.username;
    this.place = describeTarget(target);
    this.closed = new Promise((resolve) => client.once('close', () => resolve()));
    this.#files = new SftpFiles(client, this);
  }

  async exec(command: string | readonly string[], options: SshExecOptions = {}): Promise<SshCommandResult> {
    const line = quoteCommand(command);
    const timeoutMs = options.timeoutMs ?? TEN_MINUTES_MS;
    using deadline = new Deadline(timeoutMs, options.signal);
    const sudo =
      options.sudo === true && this.username !== 'root'
        ? new SudoConversation(this.place, this.#target.auth.password)
        : undefined;
    try {
      const ended = await runChannel(this.#client, {
        command: sudo?.wrap(line) ?? line,
        place: this.place,
        signal: deadline.signal,
        maxOutputBytes: options.maxOutputBytes ?? EIGHT_MIB,
        onStart: (channel) => {
          if (sudo === undefined) endInput(channel, options.input);
        },
        onStdout: (chunk) => options.onOutput?.(chunk.toString('utf8'), 'stdout'),
        filterStderr: (chunk, channel) => {
          const own =
            sudo?.receive(
              chunk,
              { write: (text) => channel.write(text), end: (input) => endInput(channel, input) },
              options.input,
            ) ?? chunk;
          if (own.length > 0) options.onOutput?.(own.toString('utf8'), 'stderr');
          return own;
        },
      });
      return this.#result(command, ended, sudo, options.allowFailure === true);
    } catch (error) {
      if (!deadline.expired) throw error;
      const shown = describeCommand(command);
      throw new RuntimeError(
        'COMMAND_TIMEOUT',
        `"${shown}" on ${this.place} did not end within ${timeoutMs} ms.`,
        {
          details: { command: shown, place: this.place, timeoutMs },
        },
      );
    }
  }

  openTerminal(options: { readonly signal?: AbortSignal } = {}): Promise<SshTerminal> {
    return openShellTerminal(this.#client, this.place, options.signal);
  }

  writeFile(path: string, content: string | Uint8Array, options: SshWriteOptions = {}): Promise<void> {
    return this.#files.write(path, typeof content === 'string' ? Buffer.from(content) : content, options);
  }

  upload(localPath: string, remotePath: string, options: SshWriteOptions = {}): Promise<void> {
    return this.#files.upload(localPath, remotePath, options);
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
    this.#client.end();
    const patience = setTimeout(() => this.#client.destroy(), 2_000);
    patience.unref();
    await this.closed;
    clearTimeout(patience);
  }

  #result(
    command: string | readonly string[],
    ended: ChannelResult,
    sudo: SudoConversation | undefined,
    allowFailure: boolean,
  ): SshCommandResult {
    const { exitCode, signal } = ended;
    const [stdout, stderr] = [ended.stdout.text(), ended.stderr.text()];
    if (exitCode !== 0 && EXPIRED.test(stderr + (stdout.length < 4096 ? stdout : '')))
      throw new RuntimeError(
        'SSH_PASSWORD_EXPIRED',
        `The password of ${this.place} must be changed before use.`,
      );
    if (sudo !== undefined && !sudo.started) throw sudo.refused();
    if (!allowFailure && exitCode !== 0)
      throw commandFailure({ command, place: this.place, exitCode, signal, stdout, stderr });
    return { exitCode, signal, stdout, stderr, truncated: ended.stdout.truncated || ended.stderr.truncated };
  }
}

function endInput(channel: ClientChannel, input: string | Uint8Array | undefined): void {
  if (input === undefined) channel.end();
  else channel.end(typeof input === 'string' ? input : Buffer.from(input));
}
