import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { FleetError } from '../orchestrator/fleet-error.js';

/** A line that a `turingpi fleet` process says with `--json`. */
export type DemoLine = Readonly<Record<string, unknown>>;

/** Another `turingpi fleet` process of a demonstration. Disposed, it is killed, and when this process leaves at once. */
export class DemoProcess implements AsyncDisposable {
  #said = '';
  #isReady = false;

  private constructor(
    readonly name: string,
    private readonly child: ChildProcess,
  ) {}

  /**
   * Starts one with the program that runs now.
   *
   * @param hear - is told of each line
   * @returns When it says that it is ready.
   * @throws FleetError `STEP_FAILED` with what it says when it ends instead; the signal's reason.
   */
  static async start(
    name: string,
    words: readonly string[],
    how: {
      readonly cwd: string;
      readonly environment: Readonly<Record<string, string | undefined>>;
      readonly signal: AbortSignal;
      readonly hear: (line: DemoLine) => void;
    },
  ): Promise<DemoProcess> {
    const { cwd, environment, signal, hear } = how;
    const program = process.argv[1];
    if (program === undefined) throw new TypeError('it is not known which program this is');
    const child = spawn(process.execPath, [program, 'fleet', ...words, '--json'], {
      ...{ cwd, env: environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true, // Ctrl-C in a terminal is for the demonstration, which ends them
    });
    const kill = () => child.kill('SIGKILL');
    process.prependOnceListener('exit', kill);
    child.once('close', () => process.off('exit', kill));
    const started = new DemoProcess(name, child);
    child.stderr.on(
      'data',
      (chunk: Buffer) => (started.#said = `${started.#said}${chunk.toString()}`.slice(-2000)),
    );
    let wake: () => void = () => undefined;
    const changed = new Promise<void>((resolve) => (wake = resolve));
    createInterface({ input: child.stdout }).on('line', (text) => {
      const line = JSON.parse(text) as DemoLine;
      if (String(line['type']).endsWith(':ready')) {
        started.#isReady = true;
        wake();
      }
      hear(line);
    });
    child.once('close', wake);
    signal.addEventListener('abort', wake);
    try {
      if (!signal.aborted) await changed;
      signal.throwIfAborted();
      if (!started.#isReady)
        throw new FleetError('STEP_FAILED', `${name} did not start: ${started.#said.trim()}`, {
          hint: `Try it by hand: turingpi fleet ${words.join(' ')}`,
        });
      return started;
    } catch (error) {
      await started.kill();
      throw error;
    } finally {
      signal.removeEventListener('abort', wake);
    }
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    const { child } = this;
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
    const closed = once(child, 'close');
    child.kill('SIGKILL');
    await closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }
}
