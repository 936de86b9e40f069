import type { ClientChannel } from 'ssh2';
import type { ChannelSlots } from './channel-slots.js';
import type { SshTerminal } from './ssh-session.js';

// Wide, so that prompts are not wrapped; `dumb`, so that few of them are coloured.
const SIZE = { term: 'dumb', cols: 240, rows: 50 };

/** Opens the login shell on a terminal. @throws RuntimeError `SSH_CHANNEL_REFUSED`, `SSH_CONNECTION_LOST`; the signal's reason. */
export function openShellTerminal(
  slots: ChannelSlots,
  signal: AbortSignal | undefined,
): Promise<SshTerminal> {
  return slots.terminal(
    SIZE,
    signal ?? new AbortController().signal,
    (channel) => new ShellTerminal(channel, signal),
  );
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
