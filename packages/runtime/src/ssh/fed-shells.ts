import { describeCommand } from '../command/command-failure.js';
import { commandTimeout } from '../command/command-timeout.js';
import { Deadline } from '../command/deadline.js';
import { placeCommand } from '../command/quote-command.js';
import {
  type CommandRunEnd,
  type CommandRunner,
  type CommandRunOptions,
  EIGHT_MIB,
  TEN_MINUTES_MS,
} from './command-runner.js';
import { FedShell } from './fed-shell.js';

// A frame is read byte by byte, and its input is escaped: more goes faster through a channel of its own.
const MAX_LINE = 32 * 1024;
const MAX_INPUT = 16 * 1024;

type Identity = 'user' | 'root';

/**
 * Runs the commands of a session: through a shell that lives on where that is possible, else on channels of their own.
 *
 * @remarks There is one shell for the login user and one for root, begun by the session's second command, since many
 * sessions have only one. A command that comes while its shell is busy gets a channel of its own; so does one with much
 * or streamed input, and every one on a node where such a shell does not start. A shell that nobody uses gives its channel
 * to whoever waits for one.
 */
export class FedShells {
  readonly #idle = new Map<Identity, FedShell>();
  /** Of these a shell is starting or running a command. */
  readonly #busy = new Set<Identity>();
  readonly #unfit = new Set<Identity>();
  #first = true;

  constructor(
    private readonly runner: CommandRunner,
    private readonly place: string,
  ) {
    runner.slots.onWanted = () => void this.release();
  }

  /** @throws as {@link CommandRunner.run} */
  async run(command: string | readonly string[], options: CommandRunOptions = {}): Promise<CommandRunEnd> {
    const as = options.sudo === true && !this.runner.isRoot ? 'root' : 'user';
    const line = placeCommand(command, options);
    const fed = this.#isFor(as, line, options) ? await this.#feed(command, line, as, options) : undefined;
    return fed ?? this.runner.run(command, options);
  }

  /** @returns undefined where no shell can be had that is fed. */
  async #feed(
    command: string | readonly string[],
    line: string,
    as: Identity,
    options: CommandRunOptions,
  ): Promise<CommandRunEnd | undefined> {
    const shown = describeCommand(command);
    const { timeoutMs = TEN_MINUTES_MS, maxOutputBytes = EIGHT_MIB, onOutput, onSent } = options;
    const input = options.input as Uint8Array | undefined;
    using deadline = new Deadline(timeoutMs, options.signal);
    this.#busy.add(as);
    let shell: FedShell | undefined;
    try {
      shell = this.#take(as) ?? (await this.#start(as, deadline.signal));
      if (shell === undefined) return undefined;
      const placed = options.cwd !== undefined || options.env !== undefined || options.user !== undefined;
      const fed = { line, isProgram: typeof command !== 'string' && !placed, input };
      const ending = shell.exec(fed, { shown, maxOutputBytes, onOutput, signal: deadline.signal });
      if (input !== undefined) onSent?.(input.length);
      return await ending;
    } catch (error) {
      if (deadline.expired && error === deadline.signal.reason)
        throw commandTimeout(shown, this.place, timeoutMs);
      throw error;
    } finally {
      this.#busy.delete(as);
      if (shell?.isOpen === true) {
        this.#idle.set(as, shell);
        if (this.runner.slots.isWanted) void this.release();
      }
    }
  }

  /** Ends the shells that nobody uses. */
  async release(): Promise<void> {
    const idle = [...this.#idle.values()];
    this.#idle.clear();
    await Promise.all(idle.map((shell) => shell.close()));
  }

  #isFor(as: Identity, line: string, { input, sink }: CommandRunOptions): boolean {
    const first = this.#first;
    this.#first = false;
    if (first || this.#busy.has(as) || this.#unfit.has(as)) return false;
    if (sink !== undefined || line.length > MAX_LINE) return false;
    return input === undefined || (input instanceof Uint8Array && input.length <= MAX_INPUT);
  }

  #take(as: Identity): FedShell | undefined {
    const shell = this.#idle.get(as);
    this.#idle.delete(as);
    return shell?.isOpen === true ? shell : undefined;
  }

  /** @returns undefined where no such shell can be had. */
  async #start(as: Identity, signal: AbortSignal): Promise<FedShell | undefined> {
    const shell = new FedShell((line, options) => this.runner.run(line, options), as === 'root');
    const stop = (): void => void shell.stop(signal.reason).catch(() => undefined);
    signal.addEventListener('abort', stop, { once: true });
    try {
      const unfit = await shell.ready;
      if (unfit === undefined) return shell;
      this.#unfit.add(as);
      if (unfit === 'late') await shell.stop(new Error('not ready')).catch(() => undefined);
      else if (unfit.end.sudo?.started === false) throw unfit.end.sudo.refused(unfit.end.exitCode);
      return undefined;
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }
}
