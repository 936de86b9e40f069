import { thisProcess } from '@turingpi/foundation';
import { encodeName } from '@turingpi/image/backend';
import type { Readable } from 'node:stream';
import { createInterface } from 'node:readline';
import type { Container, HostConfig } from 'dockerode';
import { CleanupStack } from '@turingpi/foundation';

import { containerOptions, type ContainerVolume } from './container-options.js';
import { CONTAINER_SCRIPT } from './container-script.js';
import { type Connection, demultiplex, feed } from './container-streams.js';
import { containerEnded } from './docker-error.js';
import type { DockerHost } from './docker-host.js';
import { removeContainer } from './remove-container.js';

export interface ContainerJobOptions {
  readonly image: string;
  readonly volumes: readonly ContainerVolume[];
  readonly hostConfig?: HostConfig;
  readonly signal: AbortSignal;
}

/** What an operation in the container printed. */
export interface ContainerReply {
  readonly isDone: boolean;
  /** The result, or when it is not done, why. */
  readonly output: Buffer;
}

interface Waiting {
  readonly resolve: (reply: ContainerReply) => void;
  readonly reject: (error: Error) => void;
}

/**
 * One container that carries out operations on the files of an image.
 *
 * @remarks Its shell reads operations from our connection. When that ends, however this process ends, the shell ends, the
 * container is removed, and its kernel lets go of mounts and loop devices.
 */
export class ContainerJob implements AsyncDisposable {
  readonly #waiting: Waiting[] = [];
  readonly #transfers = new Set<Connection>();
  #ended: Error | undefined;

  private constructor(
    private readonly host: DockerHost,
    private readonly container: Container,
    private readonly input: NodeJS.WritableStream,
    private readonly cleanup: CleanupStack,
  ) {}

  /** @throws DockerError `DOCKER_IMAGE_MISSING`, `DOCKER_CONTAINER_FAILED`, and why Docker cannot be reached. */
  static async start(host: DockerHost, options: ContainerJobOptions): Promise<ContainerJob> {
    const { image, volumes, hostConfig, signal } = options;
    signal.throwIfAborted();
    await host.requireImage(image);
    try {
      await using cleanup = new CleanupStack();
      const container = await (
        await host.docker()
      ).createContainer(
        containerOptions({
          image,
          command: ['sh', '-c', `${CONTAINER_SCRIPT}\nserve`],
          owner: await thisProcess(),
          volumes,
          ...(hostConfig === undefined ? {} : { hostConfig }),
        }),
      );
      cleanup.defer(`remove container ${container.id}`, () => removeContainer(container));
      const attached = await container.attach({
        stream: true,
        stdin: true,
        stdout: true,
        stderr: true,
        hijack: true,
      });
      attached.on('error', () => undefined); // told by `close`, and before we listen to that by the call that fails
      cleanup.defer('let go of the container', () => {
        (attached as Connection).destroy();
      });
      await container.start();
      const job = new ContainerJob(host, container, attached, cleanup.move());
      job.#listen(attached as Connection, signal);
      return job;
    } catch (error) {
      throw await host.named(error);
    }
  }

  /** Carries out one operation of the script. Operations are answered in their order. */
  call(operation: string, ...parameters: readonly string[]): Promise<ContainerReply> {
    const line = [operation, ...parameters.map(encode)].join(' ');
    return new Promise((resolve, reject) => {
      if (this.#ended) {
        reject(this.#ended);
        return;
      }
      this.#waiting.push({ resolve, reject });
      this.input.write(`${line}\n`);
    });
  }

  /** Carries out an operation that takes content in or gives content out, beside the others. */
  async transfer(
    operation: string,
    parameters: readonly string[],
    content?: AsyncIterable<Uint8Array>,
  ): Promise<ContainerTransfer> {
    try {
      const exec = await this.container.exec({
        Cmd: ['sh', '-c', `${CONTAINER_SCRIPT}\n"$@"`, 'sh', `op_${operation}`, ...parameters],
        AttachStdin: content !== undefined,
        AttachStdout: true,
        AttachStderr: true,
      });
      const stream = (await exec.start({ hijack: true, stdin: content !== undefined })) as Connection;
      this.#transfers.add(stream);
      stream.once('close', () => this.#transfers.delete(stream));
      stream.on('error', () => undefined); // told by `finish`: without an exit code nothing is done
      if (this.#ended) stream.destroy();
      const [output, errors] = demultiplex(this.container, stream);
      const message: Buffer[] = [];
      errors.on('data', (chunk: Buffer) => message.push(chunk));
      const feeding = content === undefined ? Promise.resolve() : feed(content, stream);
      feeding.catch(() => undefined); // told by `finish`
      return {
        output,
        finish: async () => {
          await feeding;
          if (this.#ended) throw this.#ended;
          const { ExitCode } = await exec.inspect();
          stream.destroy();
          return { isDone: ExitCode === 0, output: Buffer.concat(message) };
        },
      };
    } catch (error) {
      throw this.#ended ?? (await this.host.named(error));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cleanup[Symbol.asyncDispose]();
  }

  #listen(attached: Connection, signal: AbortSignal): void {
    const [output, errors] = demultiplex(this.container, attached);
    errors.resume();
    createInterface({ input: output }).on('line', (line) => {
      const text = Buffer.from(line, 'base64');
      const end = text.lastIndexOf('\n');
      const isDone = text.toString('latin1', end + 1) === '0';
      this.#waiting.shift()?.resolve({ isDone, output: text.subarray(0, Math.max(end, 0)) });
    });
    const end = (error: Error): void => {
      this.#ended ??= error;
      for (const { reject } of this.#waiting.splice(0)) reject(this.#ended);
      for (const transfer of this.#transfers) transfer.destroy(); // the daemon may keep them open for ever
    };
    attached.once('error', end);
    attached.once('close', () => {
      end(containerEnded());
    });
    const abort = (): void => {
      end(signal.reason as Error);
      void removeContainer(this.container).catch(() => undefined); // tried again when the job is disposed of
    };
    signal.addEventListener('abort', abort, { once: true });
    this.cleanup.defer('stop listening for the abort', () => {
      signal.removeEventListener('abort', abort);
    });
  }
}

/** An operation under way. */
export interface ContainerTransfer {
  /** To be read to its end before `finish`. */
  readonly output: Readable;
  finish(): Promise<ContainerReply>;
}

/** Everything but plain characters as `\0ooo`, which printf's `%b` turns back (POSIX); `=` keeps empty ones a word. */
function encode(parameter: string): string {
  const bytes = [...encodeName(parameter)];
  const text = bytes.map((byte) => {
    const character = String.fromCharCode(byte);
    return /[\w./@-]/u.test(character) ? character : `\\0${byte.toString(8).padStart(3, '0')}`;
  });
  return `=${text.join('')}`;
}
