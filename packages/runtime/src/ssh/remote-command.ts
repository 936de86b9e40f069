import type { Writable } from 'node:stream';
import type { Client, ClientChannel } from 'ssh2';
import type { CommandOutput } from '../command/command-output.js';
import type { OutputTail } from '../command/output-tail.js';
import { RuntimeError } from '../runtime-error.js';
import { connectionLost } from './channel-slots.js';
import type { CommandEnvelope } from './command-envelope.js';
import { type CommandExit, exitOfChannel } from './command-exit.js';
import { EndFilter, StartFilter } from './marked-output.js';
import type { SudoConversation } from './sudo-conversation.js';

/**
 * Where a command's input comes from: known bytes, or pieces as they are read. The memory of a piece may be used again
 * when the second one after it is asked for.
 */
export type CommandInput = Uint8Array | AsyncIterable<Uint8Array>;

/** One command on an open channel, without any interpretation of its result. */
export interface RemoteCommandOptions {
  readonly client: Client;
  readonly channel: ClientChannel;
  readonly place: string;
  readonly envelope: CommandEnvelope;
  readonly sudo: SudoConversation | undefined;
  readonly input: CommandInput | undefined;
  readonly output: CommandOutput;
  /** Told of bytes of input sent so far. */
  readonly onSent?: ((sentBytes: number) => void) | undefined;
  /** Gets stdout instead of the result. */
  readonly sink?: Writable | undefined;
  /** Gets both streams instead of the result. */
  readonly onBytes?: ((piece: Buffer, stream: 'stdout' | 'stderr') => void) | undefined;
}

export interface RemoteCommandEnd extends CommandExit {
  readonly stdout: OutputTail;
  readonly stderr: OutputTail;
}

// Without the closing marker (a command that replaced its shell, or was killed) the server closes the channel, unless a
// background process holds it: then the rest is waited for as long as it comes without a pause, but not for ever.
const QUIET_MS = 2_000;
const DRAIN_MS = 30_000;
const CONNECTION_MS = 500;

/**
 * A command that runs on a node.
 *
 * @remarks It is over when its exit status and the closing markers of both streams are here, not when the channel
 * closes: a background process that holds the streams keeps a channel open for as long as it lives.
 */
export class RemoteCommand {
  /** How it ended. @throws RuntimeError `SSH_CONNECTION_LOST`; what reading its input threw. */
  readonly ended: Promise<RemoteCommandEnd>;
  readonly #options: RemoteCommandOptions;
  readonly #starts: { readonly stdout: StartFilter; readonly stderr: StartFilter };
  readonly #ends: { readonly stdout: EndFilter; readonly stderr: EndFilter };
  readonly #over = new AbortController();
  #exit: CommandExit | undefined;
  #feeding = false;
  #quiet: NodeJS.Timeout | undefined;
  #drain: NodeJS.Timeout | undefined;
  #onKnown: () => void = () => undefined;
  /** Fulfilled when it has started: what its processes are is known then. */
  readonly #known = new Promise<void>((resolve) => (this.#onKnown = resolve));
  #settle: { resolve(end: RemoteCommandEnd): void; reject(error: Error): void } | undefined;

  constructor(options: RemoteCommandOptions) {
    this.#options = options;
    const { envelope, channel, client } = options;
    this.#starts = { stdout: new StartFilter(envelope.start), stderr: new StartFilter(envelope.start) };
    this.#ends = { stdout: new EndFilter(envelope.end), stderr: new EndFilter(envelope.end) };
    this.ended = new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
    this.ended.catch(() => undefined);
    const onLost = (): void => this.#fail(connectionLost(options.place));
    client.once('close', onLost);
    this.#over.signal.addEventListener('abort', () => client.off('close', onLost), { once: true });
    channel.on('data', (chunk: Buffer) => this.#hear(chunk, 'stdout'));
    channel.stderr.on('data', (chunk: Buffer) => this.#hear(chunk, 'stderr'));
    channel.on('exit', (code: number | null, name?: string) => {
      this.#exit = exitOfChannel(code, name);
      this.#drain = setTimeout(() => this.#finish(), DRAIN_MS);
      this.#check();
    });
    // Says it once more: a server that ends a command at once may have said it before anybody could listen.
    channel.once('close', (code?: number | null, name?: string) => {
      if (code !== undefined) this.#exit ??= exitOfChannel(code, name);
      this.#closed();
    });
    channel.write(envelope.script);
    if (options.sudo === undefined) this.#feed();
  }

  /** Whether `sh` runs what it was sent. */
  get started(): boolean {
    return this.#starts.stderr.found;
  }

  /** What the system says of the shell that runs the command, or runs sudo. */
  get process(): string | undefined {
    return this.#starts.stderr.line;
  }

  /** What the login shell said before the command was started. */
  get saidBefore(): string {
    return [this.#starts.stdout.before, this.#starts.stderr.before].join('').trim();
  }

  #hear(chunk: Buffer, stream: 'stdout' | 'stderr'): void {
    const { sudo, channel } = this.#options;
    let own = this.#starts[stream].push(chunk);
    if (this.started) this.#onKnown();
    if (stream === 'stderr' && sudo !== undefined && this.#starts.stderr.found) {
      own = sudo.receive(own, { write: (text) => channel.write(text), end: () => channel.end() });
      if (sudo.started && !this.#feeding) {
        channel.write(this.#options.envelope.rootScript);
        this.#feed();
      }
    }
    this.#keep(this.#ends[stream].push(own), stream);
    if (this.#exit !== undefined) this.#check();
  }

  #keep(own: Buffer, stream: 'stdout' | 'stderr'): void {
    if (own.length === 0) return;
    const { channel, output, onBytes, sink } = this.#options;
    if (onBytes !== undefined) onBytes(own, stream);
    else if (sink === undefined || stream === 'stderr') output.push(own, stream);
    else if (!sink.write(own)) {
      channel.pause();
      sink.once('drain', () => channel.resume());
    }
  }

  /** Sends the input; also when there is none, so that the command does not wait for any. */
  #feed(): void {
    if (this.#feeding) return;
    this.#feeding = true;
    this.#send().catch(async (error: unknown) => {
      await this.#known; // whoever ends it then knows what there is to end
      this.#fail(error as Error);
    });
  }

  async #send(): Promise<void> {
    const { channel, input, onSent } = this.#options;
    const { signal } = this.#over;
    let sent = 0;
    let taken = Promise.resolve();
    for await (const piece of input instanceof Uint8Array ? slices(input) : (input ?? [])) {
      await taken; // the next piece is read meanwhile
      if (signal.aborted) return;
      taken = this.#write(piece);
      onSent?.((sent += piece.length));
    }
    await taken;
    channel.end();
  }

  /** Fulfilled when the bytes are no longer needed: they have gone, or will not any more. */
  #write(piece: Uint8Array): Promise<void> {
    const { signal } = this.#over;
    return new Promise((resolve) => {
      const done = (): void => {
        signal.removeEventListener('abort', done);
        resolve();
      };
      signal.addEventListener('abort', done);
      this.#options.channel.write(piece, done);
    });
  }

  #check(): void {
    if (this.#ends.stdout.ended && this.#ends.stderr.ended) this.#finish();
    else {
      clearTimeout(this.#quiet);
      this.#quiet = setTimeout(() => this.#finish(), QUIET_MS);
    }
  }

  #closed(): void {
    if (this.#exit !== undefined) {
      this.#finish();
      return;
    }
    // When the whole connection goes, the client says so in a moment.
    setTimeout(() => {
      const { place } = this.#options;
      this.#fail(
        new RuntimeError(
          'SSH_CONNECTION_LOST',
          `${place} closed the channel of a command without saying how it ended.`,
          {
            details: { place },
          },
        ),
      );
    }, CONNECTION_MS);
  }

  #finish(): void {
    const exit = this.#exit;
    if (exit === undefined || this.#over.signal.aborted) return;
    for (const stream of ['stdout', 'stderr'] as const) this.#keep(this.#ends[stream].flush(), stream);
    this.#end();
    const { stdout, stderr } = this.#options.output;
    this.#settle?.resolve({ ...exit, stdout, stderr });
  }

  #fail(error: Error): void {
    this.#end();
    this.#settle?.reject(error);
  }

  #end(): void {
    clearTimeout(this.#quiet);
    clearTimeout(this.#drain);
    this.#over.abort();
    this.#options.channel.resume(); // a channel that is not read to its end never closes
  }
}

const PIECE = 256 * 1024;

function* slices(content: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < content.length; at += PIECE) yield content.subarray(at, at + PIECE);
}
