import type { Client, ClientChannel } from 'ssh2';
import { channelRefused, connectionLost } from './channel-slots.js';
import type { SshTerminal } from './ssh-session.js';

/** Opens the login shell on a terminal. @throws RuntimeError `SSH_CHANNEL_REFUSED`, `SSH_CONNECTION_LOST`; the signal's reason. */
export async function openShellTerminal(
  client: Client,
  place: string,
  signal: AbortSignal | undefined,
): Promise<SshTerminal> {
  signal?.throwIfAborted();
  const terminal = new Promise<ShellTerminal>((resolve, reject) => {
    try {
      // Wide, so that prompts are not wrapped; `dumb`, so that few of them are coloured.
      client.shell({ term: 'dumb', cols: 240, rows: 50 }, (error, opened: ClientChannel | undefined) => {
        if (opened === undefined) reject(channelRefused(place, error));
        else resolve(new ShellTerminal(opened, signal)); // at once: it may be closed by the server in this very turn
      });
    } catch (error) {
      reject(connectionLost(place, error));
    }
  });
  return signal === undefined ? await terminal : await orAborted(terminal, signal);
}

/** A server that never opens the terminal does not keep an abort waiting; one that does later has it closed. */
async function orAborted(opening: Promise<ShellTerminal>, signal: AbortSignal): Promise<ShellTerminal> {
  let abort: () => void = () => undefined;
  const aborted = new Promise<undefined>((resolve) => {
    abort = () => resolve(undefined);
    signal.addEventListener('abort', abort, { once: true });
  });
  try {
    const terminal = await Promise.race([opening, aborted]);
    if (terminal !== undefined && !signal.aborted) return terminal;
    opening
      .then(
        (late) => late[Symbol.asyncDispose](),
        () => undefined,
      )
      .catch(() => undefined);
    throw signal.reason;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

class ShellTerminal implements SshTerminal {
  readonly ended: SshTerminal['ended'];
  readonly output: AsyncIterable<string>;
  readonly #channel: ClientChannel;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = (): void => this.#channel.close();

  constructor(channel: ClientChannel, signal: AbortSignal | undefined) {
    this.#channel = channel;
    this.#signal = signal;
    channel.on('error', () => undefined);
    channel.setEncoding('utf8');
    this.output = channel as AsyncIterable<string>;
    let exit: { exitCode: number | undefined; signal: string | undefined } = {
      exitCode: undefined,
      signal: undefined,
    };
    channel.on('exit', (code: number | null, name?: string) => {
      exit = { exitCode: code ?? undefined, signal: name };
    });
    this.ended = new Promise((resolve) => channel.once('close', () => resolve(exit)));
    signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  sendLine(line: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#channel.write(`${line}\n`, (error) => {
        if (error) reject(error);
        else resolve();
      });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#channel.close();
    this.#channel.destroy();
    await Promise.resolve();
  }
}
