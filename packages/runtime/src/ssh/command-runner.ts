import { setMaxListeners } from 'node:events';
import type { Writable } from 'node:stream';
import type { Client, ClientChannel } from 'ssh2';
import { describeCommand } from '../command/command-failure.js';
import { CommandOutput } from '../command/command-output.js';
import { commandTimeout } from '../command/command-timeout.js';
import { Deadline } from '../command/deadline.js';
import { placeCommand, quoteCommand } from '../command/quote-command.js';
import { RuntimeError } from '../runtime-error.js';
import { ChannelSlots, connectionLost } from './channel-slots.js';
import { signalChannel } from './channel-signal.js';
import { CommandEnvelope, LOGIN_SHELL_LINE } from './command-envelope.js';
import { type CommandInput, RemoteCommand, type RemoteCommandEnd } from './remote-command.js';
import { END_PROCESSES, parseProcessStat, processRoots, stillRunning } from './remote-processes.js';
import type { SshExecOptions } from './ssh-session.js';
import type { SshTarget } from './ssh-target.js';
import { SudoConversation } from './sudo-conversation.js';

/** How long a command may take where nobody says. */
export const TEN_MINUTES_MS = 600_000;
/** How much is kept of its output where nobody says. */
export const EIGHT_MIB = 8 * 1024 * 1024;
const SIGN_OF_LIFE_MS = 3_000;
const STOP_MS = 15_000;

/** How a command is run inside a session. */
export interface CommandRunOptions extends Omit<SshExecOptions, 'input' | 'allowFailure'> {
  readonly input?: CommandInput;
  readonly onSent?: (sentBytes: number) => void;
  /** Gets stdout instead of the result. */
  readonly sink?: Writable;
  /** Gets both streams instead of the result. */
  readonly onBytes?: (piece: Buffer, stream: 'stdout' | 'stderr') => void;
  /** Told that its channel is open. */
  readonly onOpen?: () => void;
  /** Told that it is to be ended: what it says from now on is no result. */
  readonly onStop?: () => void;
  /** What it is called in messages; default: itself. */
  readonly shown?: () => string;
}

/** How a command ended, and what there is to know about how it was started. */
export interface CommandRunEnd extends RemoteCommandEnd {
  readonly started: boolean;
  readonly saidBefore: string;
  readonly sudo: SudoConversation | undefined;
}

/** Runs commands on one connection, one channel each, and ends those that are given up. */
export class CommandRunner {
  readonly slots: ChannelSlots;
  /** Whether the login user is root. */
  readonly isRoot: boolean;
  readonly #closing = new AbortController();
  readonly #running = new Set<Promise<unknown>>();

  /** @param reconnect - Makes another connection with a runner of its own, for when this one takes no more commands. */
  constructor(
    private readonly client: Client,
    private readonly target: SshTarget,
    private readonly place: string,
    private readonly reconnect: () => Promise<AsyncDisposable & { readonly runner: CommandRunner }>,
  ) {
    setMaxListeners(0, this.#closing.signal); // every command listens
    this.slots = new ChannelSlots(client, place);
    this.isRoot = target.username === 'root';
  }

  /**
   * Runs a command until it ends, its time is over, or it is aborted.
   *
   * @throws RuntimeError `COMMAND_TIMEOUT` or the signal's reason, when it is certain that nothing of the command is
   * left on the node; else `COMMAND_STILL_RUNNING`. `COMMAND_INVALID`, `SSH_CHANNEL_REFUSED`, `SSH_CONNECTION_LOST`.
   */
  async run(command: string | readonly string[], options: CommandRunOptions = {}): Promise<CommandRunEnd> {
    const line = placeCommand(command, options);
    const timeoutMs = options.timeoutMs ?? TEN_MINUTES_MS;
    const { signal: closing } = this.#closing;
    const stop = options.signal === undefined ? closing : AbortSignal.any([options.signal, closing]);
    using deadline = new Deadline(timeoutMs, stop);
    const shown = options.shown ?? (() => describeCommand(command));
    const running = this.slots.exec(LOGIN_SHELL_LINE, deadline.signal).then((channel) => {
      options.onOpen?.();
      return this.#follow(channel, line, shown, options, deadline.signal);
    });
    this.#running.add(running);
    try {
      return await running;
    } catch (error) {
      if (!deadline.expired || error !== deadline.signal.reason) throw error;
      throw commandTimeout(shown(), this.place, timeoutMs);
    } finally {
      this.#running.delete(running);
    }
  }

  /** Ends what is running, as an abort does. */
  async close(): Promise<void> {
    this.#closing.abort(connectionLost(this.place));
    await Promise.allSettled(this.#running);
  }

  async #follow(
    channel: ClientChannel,
    line: string,
    shown: () => string,
    options: CommandRunOptions,
    signal: AbortSignal,
  ): Promise<CommandRunEnd> {
    const { command, sudo } = this.#start(channel, line, options);
    let onAbort: () => void = () => undefined;
    const aborted = new Promise<never>((_, reject) => {
      onAbort = () => reject(signal.reason as Error);
      if (signal.aborted) onAbort();
      else signal.addEventListener('abort', onAbort, { once: true });
    });
    try {
      const end = await Promise.race([command.ended, aborted]);
      return { ...end, started: command.started, saidBefore: command.saidBefore, sudo };
    } catch (error) {
      options.onStop?.();
      if (!isLost(error) || signal.aborted) await this.#stop(channel, command, sudo, shown(), error);
      throw error;
    } finally {
      signal.removeEventListener('abort', onAbort);
      channel.close();
    }
  }

  #start(
    channel: ClientChannel,
    line: string,
    options: CommandRunOptions,
  ): { readonly command: RemoteCommand; readonly sudo: SudoConversation | undefined } {
    const { place, client } = this;
    const envelope = new CommandEnvelope(line, options.sudo === true && !this.isRoot);
    const sudo = envelope.asRoot
      ? new SudoConversation(envelope, place, this.target.auth.password)
      : undefined;
    const command = new RemoteCommand({
      ...{ client, channel, place, envelope, sudo },
      input: options.input,
      output: new CommandOutput(options.maxOutputBytes ?? EIGHT_MIB, options.onOutput),
      onSent: options.onSent,
      onBytes: options.onBytes,
      sink: options.sink,
    });
    return { command, sudo };
  }

  /** @throws RuntimeError `COMMAND_STILL_RUNNING` unless nothing of the command is left. */
  async #stop(
    channel: ClientChannel,
    command: RemoteCommand,
    sudo: SudoConversation | undefined,
    shown: string,
    cause: unknown,
  ): Promise<void> {
    const fail = (why: string): RuntimeError => stillRunning(shown, this.place, why, cause);
    const outer = parseProcessStat(command.process);
    if (outer === undefined) {
      // Nothing is known of it (yet): the server is asked, and what counts is that it says how the command ended.
      if (sudo?.started !== true) channel.end();
      const sent = signalChannel(channel, 'KILL');
      if (await endsWithin(command, SIGN_OF_LIFE_MS)) return;
      if (parseProcessStat(command.process) !== undefined)
        return this.#stop(channel, command, sudo, shown, cause);
      throw fail(sent ? 'the server did not say that it ended' : 'the connection is gone');
    }
    channel.end(); // sudo that still asks for a password ends by that
    const asRoot = sudo?.started === true;
    const roots = processRoots(outer, parseProcessStat(sudo?.process));
    try {
      let left = await this.#endProcesses(roots, asRoot);
      if (left !== undefined && !asRoot && !this.isRoot) left = await this.#endProcesses(roots, true); // processes of root that the command itself started
      if (left !== undefined) throw fail(`the processes ${left} did not end`);
    } catch (error) {
      if (error instanceof RuntimeError && error.code === 'COMMAND_STILL_RUNNING') throw error;
      throw fail(error instanceof Error ? error.message : String(error));
    }
  }

  /** @returns the numbers of the processes that are left; undefined when all are gone. */
  async #endProcesses(roots: readonly string[], asRoot: boolean): Promise<string | undefined> {
    let channel: ClientChannel;
    const patience = AbortSignal.timeout(STOP_MS);
    try {
      channel = await this.slots.execNow(LOGIN_SHELL_LINE, patience);
    } catch (error) {
      if (!(error instanceof RuntimeError) || error.code !== 'SSH_CHANNEL_REFUSED') throw error;
      // With `MaxSessions 1` the command itself holds the only channel of this connection, until it has ended.
      await using other = await this.reconnect();
      return await other.runner.#endProcesses(roots, asRoot);
    }
    const line = quoteCommand(['sh', '-c', END_PROCESSES, 'sh', ...roots]);
    const { command, sudo } = this.#start(channel, line, { sudo: asRoot });
    try {
      const overdue = new Promise<never>((_, reject) => {
        patience.addEventListener('abort', () => reject(new Error(`nothing ended it within ${STOP_MS} ms`)), {
          once: true,
        });
      });
      const end = await Promise.race([command.ended, overdue]);
      if (sudo !== undefined && !sudo.started) throw sudo.refused(end.exitCode);
      const said = end.stdout.text().trim();
      if (said === 'gone') return undefined;
      if (said.startsWith('left:')) return said.slice('left:'.length).trim();
      throw new Error(`the node answered "${said || end.stderr.text().trim()}" when it was to end it`);
    } finally {
      channel.close();
    }
  }
}

function isLost(error: unknown): boolean {
  return error instanceof RuntimeError && error.code === 'SSH_CONNECTION_LOST';
}

async function endsWithin(command: RemoteCommand, timeoutMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(false), timeoutMs)));
  const ended = command.ended.then(
    () => true,
    () => false,
  );
  return Promise.race([ended, late]).finally(() => clearTimeout(timer));
}
