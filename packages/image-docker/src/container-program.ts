import { Readable } from 'node:stream';
import type { Container, Exec } from 'dockerode';
import { type Connection, demultiplex, feed } from './container-streams.js';

export interface ContainerProgramOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Without it, standard input is empty. */
  readonly input?: string | Uint8Array;
  /** When it fires, the program and all of its process group are killed. */
  readonly signal: AbortSignal;
  /** Fires when the daemon had as long as it may take for a simple answer. */
  readonly answerLimit: () => AbortSignal;
  readonly onStdout: (piece: Buffer) => void;
  readonly onStderr: (piece: Buffer) => void;
}

/** How a program in a container ended. */
export interface ContainerProgramEnd {
  /** Undefined when the container ended before the program had begun. */
  readonly exitCode: number | undefined;
  /** Why it was not even begun. */
  readonly missing: 'program' | 'directory' | undefined;
}

/**
 * Says in a line of its own which process the program is, or what is missing for it, and becomes the program.
 * Arguments: directory, or nothing; the command.
 */
const BEGIN = [
  'if [ -n "$1" ]; then cd -- "$1" 2>/dev/null || { echo directory; exit 127; }; fi; shift;',
  'command -v -- "$1" >/dev/null 2>&1 || { echo program; exit 127; };',
  'echo "$$"; exec "$@"',
].join(' ');

const PROCESS = /^\d+$/;

/** The exit code of what was killed. */
export const KILLED = 128 + 9;

/** One program that runs in a container, which it did not start. */
export class ContainerProgram {
  #begin: Buffer | undefined = Buffer.alloc(0);
  #told: (line: string) => void = () => undefined;
  readonly #line = new Promise<string>((resolve) => {
    this.#told = resolve;
  });

  private constructor(
    private readonly container: Container,
    private readonly exec: Exec,
    private readonly stream: Connection,
    private readonly done: Promise<void>,
    private readonly options: Pick<ContainerProgramOptions, 'signal' | 'answerLimit'>,
  ) {}

  /**
   * @remarks A program whose time is over while the daemon begins it is begun, so that it can be killed: a daemon that
   * answers then is waited for, one that does not is not.
   * @throws what Docker refuses with; the reason of the signal when the daemon was silent for too long after that fired.
   */
  static async start(
    container: Container,
    command: readonly string[],
    options: ContainerProgramOptions,
  ): Promise<ContainerProgram> {
    const { cwd = '', env = {}, input } = options;
    options.signal.throwIfAborted();
    using patience = new Patience(options.signal, options.answerLimit);
    const abortSignal = patience.signal;
    const exec = await container.exec({
      Cmd: ['sh', '-c', BEGIN, 'sh', cwd, ...command],
      Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
      AttachStdin: input !== undefined,
      AttachStdout: true,
      AttachStderr: true,
      abortSignal,
    });
    const stream = (await exec.start({
      hijack: true,
      stdin: input !== undefined,
      abortSignal,
    })) as Connection;
    stream.on('error', () => undefined); // without an exit code nothing is done, and that is told
    const [output, errors] = demultiplex(container, stream);
    const ended = [output, errors].map(
      (part) =>
        new Promise<void>((resolve) => {
          part.once('end', resolve);
        }),
    );
    const program = new ContainerProgram(
      container,
      exec,
      stream,
      Promise.all(ended).then(() => undefined),
      options,
    );
    output.on('data', (piece: Buffer) => {
      const rest = program.#afterBegin(piece);
      if (rest.length > 0) options.onStdout(rest);
    });
    errors.on('data', options.onStderr);
    if (input !== undefined) feed(Readable.from([Buffer.from(input)]), stream).catch(() => undefined); // a program need not read its input
    return program;
  }

  /** Waits for its end. */
  async end(): Promise<ContainerProgramEnd> {
    const { signal } = this.options;
    let killing: Promise<void> | undefined;
    const kill = (): void => {
      killing ??= this.#kill().catch(() => undefined); // whoever stops is told of that, and not of this
    };
    signal.addEventListener('abort', kill, { once: true });
    if (signal.aborted) kill();
    try {
      await this.done;
      await killing;
      if (signal.aborted) return { exitCode: KILLED, missing: undefined };
      const exitCode = await this.#exitCode();
      const line = await Promise.race([this.#line, Promise.resolve('')]);
      const missing = line === 'directory' || line === 'program' ? line : undefined;
      // Docker itself may say in this place why it could not begin.
      const hasBegun = missing !== undefined || PROCESS.test(line);
      return { exitCode: hasBegun ? exitCode : undefined, missing };
    } finally {
      signal.removeEventListener('abort', kill);
      this.stream.destroy();
    }
  }

  /** What of a piece of output is the program's own. */
  #afterBegin(piece: Buffer): Buffer {
    if (this.#begin === undefined) return piece;
    const text = Buffer.concat([this.#begin, piece]);
    const end = text.indexOf('\n');
    this.#begin = end < 0 ? text : undefined;
    if (end < 0) return Buffer.alloc(0);
    this.#told(text.toString('latin1', 0, end));
    return text.subarray(end + 1);
  }

  /** The daemon may end the output a moment before it knows the exit code. */
  async #exitCode(): Promise<number> {
    for (const abortSignal = this.options.answerLimit(); ;) {
      const { Running, ExitCode } = await this.exec.inspect({ abortSignal });
      if (!Running && ExitCode !== null) return ExitCode;
      if (abortSignal.aborted) throw new Error('the daemon does not say how a program ended');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async #kill(): Promise<void> {
    const abortSignal = this.options.answerLimit();
    const drop = (): void => this.stream.destroy();
    abortSignal.addEventListener('abort', drop, { once: true });
    try {
      const process = await Promise.race([this.#line, this.done.then(() => '')]);
      if (!PROCESS.test(process)) return;
      // Docker begins every program as the leader of a session, and so of a process group.
      const exec = await this.container.exec({ Cmd: ['sh', '-c', `kill -9 -${process}`], abortSignal });
      await exec.start({ Detach: true, abortSignal });
      await this.done;
    } finally {
      abortSignal.removeEventListener('abort', drop);
    }
  }
}

/** Fires when a daemon is still silent some time after a signal has fired; until it is let go of. */
class Patience implements Disposable {
  readonly #stop = new AbortController();
  readonly #begin = (): void => {
    const limit = this.answerLimit();
    limit.addEventListener('abort', () => this.#isOver || this.#stop.abort(this.stopped.reason), {
      once: true,
    });
  };
  #isOver = false;

  constructor(
    private readonly stopped: AbortSignal,
    private readonly answerLimit: () => AbortSignal,
  ) {
    stopped.addEventListener('abort', this.#begin, { once: true });
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.stopped.removeEventListener('abort', this.#begin);
  }
}
