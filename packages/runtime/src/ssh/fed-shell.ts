import { randomBytes } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { CommandOutput } from '../command/command-output.js';
import { exitOfStatus } from './command-exit.js';
import type { CommandRunEnd, CommandRunOptions } from './command-runner.js';
import { FED_SHELL, FED_SHELL_READY, type FedCommand, renderFrame } from './fed-shell-script.js';
import { EndFilter } from './marked-output.js';

// setTimeout knows no longer time. A shell lives as long as its session.
const FOR_EVER_MS = 2 ** 31 - 1;
/** How long a shell may take from its start to its first word: where `sh` is not what we take it for, it may never come. */
const READY_MS = 20_000;
const CLOSE_MS = 2_000;

/** Runs a command on a channel of its own. */
export type RunOnChannel = (line: string, options: CommandRunOptions) => Promise<CommandRunEnd>;

/** How a command of a fed shell is told of. */
export interface FedCommandOptions {
  /** What it is called in messages. */
  readonly shown: string;
  readonly maxOutputBytes: number;
  readonly onOutput: CommandRunOptions['onOutput'];
  /** Ends the command, and the shell with it. */
  readonly signal: AbortSignal;
}

/** Why a fed shell is not to be had. */
export type Unfit = { readonly end: CommandRunEnd } | 'late';

/**
 * A shell on a node that lives on and is fed commands, one after the other: a command costs one exchange of packets
 * instead of a channel, a login shell and its start files.
 */
export class FedShell {
  readonly #feed = new PassThrough();
  readonly #stop = new AbortController();
  readonly #run: Promise<CommandRunEnd>;
  #heard: ((piece: Buffer, stream: 'stdout' | 'stderr') => void) | undefined;
  #shown = 'sh';
  #open = true;

  /** @param sudo - Whether it runs as root. */
  constructor(run: RunOnChannel, sudo: boolean) {
    this.#feed.on('error', () => undefined); // a shell that is gone says so by its end
    let late: NodeJS.Timeout | undefined;
    let onLate = (): void => undefined;
    let onReady = (): void => undefined;
    let said = '';
    this.#heard = (piece, stream) => {
      if (stream === 'stdout') said += piece.toString('latin1');
      if (said.endsWith(FED_SHELL_READY)) onReady();
    };
    this.#run = run(FED_SHELL, {
      sudo,
      input: this.#feed,
      timeoutMs: FOR_EVER_MS,
      signal: this.#stop.signal,
      shown: () => this.#shown,
      // A command that is ended together with its shell may be told of by it before the shell ends.
      onStop: () => (this.#heard = undefined),
      onOpen: () => (late = setTimeout(() => onLate(), READY_MS)),
      onBytes: (piece, stream) => this.#heard?.(piece, stream),
    });
    this.ready = new Promise((resolve, reject) => {
      onReady = () => resolve(undefined);
      onLate = () => resolve('late');
      this.#run.then((end) => resolve({ end }), reject);
    });
    const over = (): void => {
      this.#open = false;
      this.#feed.end();
    };
    this.#run.then(over, over);
    const told = (): void => clearTimeout(late);
    this.ready.then(told, told);
  }

  /** Fulfilled with nothing when it takes commands, else with why it does not. @throws as a command on a channel. */
  readonly ready: Promise<Unfit | undefined>;

  /** Whether it takes another command. */
  get isOpen(): boolean {
    return this.#open;
  }

  /**
   * Runs a command to its end.
   *
   * @throws RuntimeError `SSH_CONNECTION_LOST`; the signal's reason when it is certain that nothing of the command is
   * left on the node, else `COMMAND_STILL_RUNNING`.
   */
  async exec(
    command: FedCommand,
    { shown, maxOutputBytes, onOutput, signal }: FedCommandOptions,
  ): Promise<CommandRunEnd> {
    const id = randomBytes(8).toString('hex');
    const output = new CommandOutput(maxOutputBytes, onOutput);
    const ends = { stdout: new EndFilter(`{${id}:`), stderr: new EndFilter(`{${id}:`) };
    const stop = (): void => this.#stop.abort(signal.reason);
    signal.throwIfAborted();
    signal.addEventListener('abort', stop, { once: true });
    this.#shown = shown;
    const said = new Promise<string>((resolve) => {
      this.#heard = (piece, stream) => {
        const own = ends[stream].push(piece);
        if (own.length > 0) output.push(own, stream);
        const [, report] = /^(\d+[+-])\}/.exec(ends.stdout.after) ?? [];
        if (report !== undefined && ends.stderr.ended) resolve(report);
      };
    });
    const ended = {
      stdout: output.stdout,
      stderr: output.stderr,
      started: true,
      saidBefore: '',
      sudo: undefined,
    };
    try {
      this.#feed.write(renderFrame(id, command));
      const report = await Promise.race([said, this.#run]);
      if (typeof report !== 'string') {
        // The command ended its own shell, as one that kills all it can; what it said last is held back still.
        for (const stream of ['stdout', 'stderr'] as const) output.push(ends[stream].flush(), stream);
        return { ...ended, exitCode: report.exitCode, signal: report.signal };
      }
      if (report.endsWith('-')) void this.close();
      return { ...ended, ...exitOfStatus(Number.parseInt(report, 10)) };
    } finally {
      this.#heard = undefined;
      this.#shown = 'sh';
      signal.removeEventListener('abort', stop);
    }
  }

  /** Ends what it runs, and itself. @throws as {@link exec} for a signal */
  async stop(reason: unknown): Promise<void> {
    this.#open = false;
    this.#stop.abort(reason);
    await this.#run;
  }

  /** Gives its channel back; what its commands left running lives on. */
  async close(): Promise<void> {
    this.#open = false;
    this.#feed.end();
    let patience: NodeJS.Timeout | undefined;
    const late = new Promise((resolve) => (patience = setTimeout(resolve, CLOSE_MS)));
    await Promise.race([this.#run, late]).catch(() => undefined);
    clearTimeout(patience);
  }
}
