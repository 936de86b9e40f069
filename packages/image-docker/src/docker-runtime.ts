import { CleanupStack, thisProcess } from '@turingpi/foundation';
import { type LocalRunOptions, type LocalRuntime, RuntimeError } from '@turingpi/runtime';
import {
  commandFailure,
  type CommandResult,
  commandTimeout,
  Deadline,
  describeCommand,
  OutputTail,
} from '@turingpi/runtime/command';
import type { Container } from 'dockerode';
import { bindMount, type ContainerVolume, ownerLabels } from './container-options.js';
import { ContainerProgram, KILLED } from './container-program.js';
import type { Connection } from './container-streams.js';
import { DockerError, dockerSilence } from './docker-error.js';
import { DockerHost } from './docker-host.js';
import { removeContainer } from './remove-container.js';

/** The container in which programs are run. */
export interface DockerRuntimeOptions {
  /** An image that Docker has already; it needs `sh` and nothing else. */
  readonly image: string;
  readonly signal: AbortSignal;
  /** Directories of this computer for the programs. */
  readonly volumes?: readonly ContainerVolume[];
  /** Whose the programs are, `user` or `uid:gid`. Default: what the image says. */
  readonly user?: string;
  /** Whether programs reach the network. Default: they do not. */
  readonly network?: boolean;
  /** Default: the Docker of this computer. */
  readonly host?: DockerHost;
}

const TEN_MINUTES_MS = 600_000;
const EIGHT_MIB = 8 * 1024 * 1024;
/** How long a container takes to end after its programs, in milliseconds. */
const REMOVAL_MS = 5_000;
/** Waits for the end of its input, which is the end of our connection. */
const IDLE = 'while read -r line; do :; done';

/**
 * Runs programs in one container: for work that needs Linux, or a program that this computer does not have.
 *
 * @remarks The container is there until the runtime is disposed of. It also ends when this process does, however that
 * ends. A program leaves no process behind in its process group when its time is over.
 */
export class DockerRuntime implements LocalRuntime, AsyncDisposable {
  private constructor(
    private readonly host: DockerHost,
    private readonly container: Container,
    private readonly place: string,
    private readonly cleanup: CleanupStack,
  ) {}

  /** @throws DockerError `DOCKER_IMAGE_MISSING`, `DOCKER_CONTAINER_FAILED`, and why Docker cannot be reached. */
  static async start(options: DockerRuntimeOptions): Promise<DockerRuntime> {
    const { image, signal, host = new DockerHost(), volumes = [] } = options;
    signal.throwIfAborted();
    await host.requireImage(image, signal);
    try {
      await using cleanup = new CleanupStack();
      const docker = await host.docker();
      const container = await docker.createContainer({
        Image: image,
        Entrypoint: ['sh', '-c', IDLE],
        Cmd: [],
        ...(options.user === undefined ? {} : { User: options.user }),
        AttachStdin: true,
        OpenStdin: true,
        StdinOnce: true,
        NetworkDisabled: options.network !== true,
        Labels: ownerLabels('runtime', await thisProcess()),
        HostConfig: {
          AutoRemove: true,
          ...(options.network === true ? {} : { NetworkMode: 'none' }),
          SecurityOpt: ['no-new-privileges'],
          Mounts: volumes.map(bindMount),
        },
        abortSignal: signal,
      });
      cleanup.defer(`remove container ${container.id}`, () => removeContainer(container));
      const attached = await container.attach({
        stream: true,
        stdin: true,
        hijack: true,
        abortSignal: signal,
      });
      attached.on('error', () => undefined); // the next program tells it
      cleanup.defer('let go of the container', () => {
        (attached as Connection).destroy();
      });
      await container.start({ abortSignal: signal });
      signal.throwIfAborted();
      return new DockerRuntime(host, container, `a container of ${image}`, cleanup.move());
    } catch (error) {
      signal.throwIfAborted();
      throw await host.named(error);
    }
  }

  /**
   * Runs a program with arguments in the container, without a shell, and waits for its end.
   *
   * @throws RuntimeError as {@link LocalRuntime.run}; DockerError when the container is gone or Docker is; the signal's
   * reason when it fires.
   */
  async run(command: readonly string[], options: LocalRunOptions = {}): Promise<CommandResult> {
    if (command[0] === undefined || command[0] === '')
      throw new RuntimeError('COMMAND_INVALID', 'The command is empty: it needs at least a program.');
    const { timeoutMs = TEN_MINUTES_MS, maxOutputBytes = EIGHT_MIB } = options;
    using deadline = new Deadline(timeoutMs, options.signal);
    const output = { stdout: new OutputTail(maxOutputBytes), stderr: new OutputTail(maxOutputBytes) };
    const end = await this.#end(command, options, deadline.signal, output);
    if (deadline.expired) throw commandTimeout(command, this.place, timeoutMs);
    options.signal?.throwIfAborted();
    if (end.missing !== undefined) throw this.#notFound(command[0], end.missing, options.cwd);
    const result = {
      exitCode: end.exitCode,
      stdout: output.stdout.text(),
      stderr: output.stderr.text(),
    };
    if (options.allowFailure !== true && result.exitCode !== 0)
      throw commandFailure({ ...result, command, place: this.place, signal: undefined });
    return result;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cleanup[Symbol.asyncDispose]();
  }

  async #end(
    command: readonly string[],
    { cwd, env, input }: LocalRunOptions,
    signal: AbortSignal,
    output: { readonly stdout: OutputTail; readonly stderr: OutputTail },
  ): Promise<{ readonly exitCode: number; readonly missing: 'program' | 'directory' | undefined }> {
    try {
      const program = await ContainerProgram.start(this.container, command, {
        ...(cwd === undefined ? {} : { cwd }),
        ...(env === undefined ? {} : { env }),
        ...(input === undefined ? {} : { input }),
        signal,
        answerLimit: () => this.host.answerLimit(),
        onStdout: (piece) => output.stdout.push(piece),
        onStderr: (piece) => output.stderr.push(piece),
      });
      const end = await program.end();
      const { exitCode = KILLED, missing } = end;
      const isOver = end.exitCode === undefined || (exitCode === KILLED && (await this.#hasEnded()));
      if (isOver && !signal.aborted) throw runtimeEnded();
      return { exitCode, missing };
    } catch (error) {
      if (signal.aborted) return { exitCode: KILLED, missing: undefined }; // which is what is told
      if (error instanceof Error && error.name === 'AbortError') throw dockerSilence(this.host.platform);
      throw await this.host.named(error);
    }
  }

  /** Whoever removes a container kills its programs first. */
  async #hasEnded(): Promise<boolean> {
    const abortSignal = AbortSignal.timeout(REMOVAL_MS);
    return this.container.wait({ condition: 'not-running', abortSignal }).then(
      () => true,
      () => !abortSignal.aborted, // there is no such container any more
    );
  }

  #notFound(program: string, missing: 'program' | 'directory', cwd = '.'): RuntimeError {
    const what =
      missing === 'program' ? 'there is no such program' : `there is no directory ${cwd} to run it in`;
    return new RuntimeError('COMMAND_NOT_FOUND', `"${program}" cannot be run in ${this.place}: ${what}.`, {
      hint: 'Use an image that has it, give its absolute path, or have a directory of this computer in the container.',
      details: { command: describeCommand([program]), place: this.place },
    });
  }
}

function runtimeEnded(): DockerError {
  return new DockerError('DOCKER_CONTAINER_FAILED', 'The container that runs programs ended too early.', {
    hint: 'Somebody removed it, or its memory was not enough: "docker events --since 10m" shows it. Start it again.',
  });
}
