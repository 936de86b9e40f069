import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ImageError } from '../image-error.js';
import { type DecodeFailure, xzDecodeError } from './decode-failure.js';
import { MAX_DICTIONARY_BYTES } from './xz-excerpt.js';
import type { XzCodec, XzDecodeOptions, XzEncodeOptions } from './xz-codec.js';

/** Measured on the edit of a root filesystem: preset 0 costs 0.85 of the time of preset 1 and 1.05 of its size. */
const PRESET = '-0';
const DECODE = [
  '--decompress',
  '--stdout',
  '--format=xz',
  `--memlimit-decompress=${MAX_DICTIONARY_BYTES * 2}`,
];

interface XzRun {
  readonly args: readonly string[];
  readonly input: AsyncIterable<Buffer>;
  readonly output: FileHandle | 'pipe';
  readonly signal: AbortSignal;
}

/** The `xz` program of the host. What it reads and writes goes through file descriptors, never by name. */
export class SystemXzCodec implements XzCodec {
  readonly name = 'xz';

  constructor(private readonly program = 'xz') {}

  async *decode(
    encoded: AsyncIterable<Buffer>,
    options: XzDecodeOptions,
  ): AsyncGenerator<Buffer, void, undefined> {
    const args = [...DECODE, `--threads=${options.threads ?? 1}`];
    const run = new XzProcess(this.program, { args, input: encoded, output: 'pipe', signal: options.signal });
    try {
      for await (const chunk of run.output()) yield chunk;
      await run.finish((failure) =>
        xzDecodeError({ ...failure, decoder: `the program ${this.program}` }, options),
      );
    } finally {
      await run.stop();
    }
  }

  async encodeToFile(
    raw: AsyncIterable<Buffer>,
    target: FileHandle,
    options: XzEncodeOptions,
  ): Promise<void> {
    const { blockBytes } = options;
    const cut =
      typeof blockBytes === 'number'
        ? `--block-size=${blockBytes}`
        : `--block-list=${blockBytes.map(String).join(',')}`;
    const args = [
      '--compress',
      '--stdout',
      '--format=xz',
      PRESET,
      `--check=${options.check}`,
      `--threads=${options.threads ?? 1}`,
      '--memlimit-compress=0',
      cut,
    ];
    const run = new XzProcess(this.program, { args, input: raw, output: target, signal: options.signal });
    await run.finish(({ why }) => new ImageError('IMAGE_WRITE_FAILED', `Cannot compress: ${why}`));
  }
}

/** One run of `xz`; however it ends, the process is gone afterwards. */
class XzProcess {
  readonly #child: ChildProcess;
  readonly #closed: Promise<number | undefined>;
  readonly #fed: Promise<unknown>;
  readonly #signal: AbortSignal;
  readonly #kill = (): void => void this.#child.kill('SIGKILL');
  #messages = '';
  #failedToStart: Error | undefined;

  constructor(program: string, run: XzRun) {
    run.signal.throwIfAborted();
    this.#signal = run.signal;
    const output = run.output === 'pipe' ? 'pipe' : run.output.fd;
    this.#child = spawn(program, run.args, { stdio: ['pipe', output, 'pipe'], windowsHide: true });
    this.#child.on('error', (error) => (this.#failedToStart = error));
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      if (this.#messages.length < 2000) this.#messages += text;
    });
    this.#closed = new Promise((resolve) => this.#child.once('close', (code) => resolve(code ?? undefined)));
    this.#signal.addEventListener('abort', this.#kill, { once: true });
    this.#fed = this.#feed(run.input);
  }

  async *output(): AsyncGenerator<Buffer, void, undefined> {
    if (this.#child.stdout) yield* this.#child.stdout as AsyncIterable<Buffer>;
  }

  /** Waits for the end. @throws ImageError, what the input threw, or the reason of the signal. */
  async finish(failed: (failure: Omit<DecodeFailure, 'decoder'>) => ImageError): Promise<void> {
    const feedError = await this.#fed;
    if (feedError !== undefined) this.#kill();
    const code = await this.#closed;
    this.#signal.removeEventListener('abort', this.#kill);
    this.#signal.throwIfAborted();
    if (feedError !== undefined) throw feedError as Error;
    if (code === 0) return;
    const said = this.#messages.trim() || this.#failedToStart?.message;
    const ended =
      code === undefined ? `xz was ended by ${this.#child.signalCode ?? 'the system'}` : 'xz stopped';
    const why = said === undefined || said === '' ? ended : said;
    if (/No space left|ENOSPC|quota/i.test(why)) {
      throw new ImageError('IMAGE_HOST_NO_SPACE', `No space left on this computer: ${why}`);
    }
    throw failed({ why, broken: code === undefined || this.#failedToStart !== undefined });
  }

  async stop(): Promise<void> {
    this.#kill();
    this.#signal.removeEventListener('abort', this.#kill);
    await this.#closed;
    await this.#fed;
  }

  /** @returns What the input threw; a process that stops reading tells why by its exit, so that is not an error here. */
  async #feed(input: AsyncIterable<Buffer>): Promise<unknown> {
    const stdin = this.#child.stdin;
    if (!stdin) return undefined;
    let inputError: unknown;
    const watched = async function* (): AsyncGenerator<Buffer, void, undefined> {
      try {
        yield* input;
      } catch (error) {
        inputError = error;
      }
    };
    await pipeline(Readable.from(watched(), { objectMode: false, highWaterMark: 1 << 20 }), stdin).catch(
      () => undefined,
    );
    return inputError;
  }
}

/** The host's `xz`, when it has one that runs. */
export async function findSystemXz(program = 'xz'): Promise<SystemXzCodec | undefined> {
  const child = spawn(program, ['--version'], { stdio: 'ignore', windowsHide: true });
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    return code === 0 ? new SystemXzCodec(program) : undefined;
  } catch {
    return undefined; // not installed: lzma-native does it
  }
}
