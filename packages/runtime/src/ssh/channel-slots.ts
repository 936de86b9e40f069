import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, ClientChannel, PseudoTtyOptions } from 'ssh2';
import { RuntimeError } from '../runtime-error.js';

type Opened = (error: Error | undefined, channel: ClientChannel | undefined) => void;

// How long a server may take to free the channel of a command that is over.
const FREED_WITHIN_MS = 5_000;
const PAUSE_MS = 50;

/**
 * The channels of one connection: as many at once as the server allows (sshd's `MaxSessions`), the others wait.
 *
 * @remarks The server does not say how many; it refuses one too many, and the number that is open then is the limit.
 */
export class ChannelSlots {
  readonly #waiting = new Set<() => void>();
  #open = 0;
  #limit = Number.POSITIVE_INFINITY;
  #lost = false;
  /** Called when somebody begins to wait for room. */
  onWanted: () => void = () => undefined;

  constructor(
    private readonly client: Client,
    private readonly place: string,
  ) {
    client.once('close', () => {
      this.#lost = true;
      this.#wake();
    });
  }

  /** Whether somebody waits for room. */
  get isWanted(): boolean {
    return this.#waiting.size > 0;
  }

  /**
   * Opens a channel that runs a line, as soon as there is room for it.
   *
   * @throws RuntimeError `SSH_CHANNEL_REFUSED` when the server opens none though none is open, `SSH_CONNECTION_LOST`;
   * the signal's reason.
   */
  exec(line: string, signal: AbortSignal): Promise<ClientChannel> {
    return this.#whenRoom(() => this.execNow(line, signal), signal);
  }

  /**
   * Opens the login shell on a terminal, as soon as there is room for it.
   *
   * @param use - Called in the turn in which the channel opens: the server may close it in that very turn.
   * @throws as {@link exec}
   */
  terminal<T>(size: PseudoTtyOptions, signal: AbortSignal, use: (channel: ClientChannel) => T): Promise<T> {
    return this.#whenRoom(
      () => this.#request((opened) => this.client.shell(size, opened), signal, use),
      signal,
    );
  }

  async #whenRoom<T>(open: () => Promise<T>, signal: AbortSignal): Promise<T> {
    let until: number | undefined;
    for (;;) {
      signal.throwIfAborted();
      if (this.#open >= this.#limit) {
        await this.#freed(signal);
        continue;
      }
      try {
        return await open();
      } catch (error) {
        if (!(error instanceof RuntimeError) || error.code !== 'SSH_CHANNEL_REFUSED') throw error;
        if (this.#open > 0) {
          until = undefined;
          continue;
        }
        until ??= performance.now() + FREED_WITHIN_MS;
        if (performance.now() >= until) throw error;
        await sleep(PAUSE_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  /** Opens a channel without waiting for room. @throws as {@link exec} */
  execNow(line: string, signal: AbortSignal): Promise<ClientChannel> {
    return this.#request(
      (opened) => this.client.exec(line, opened),
      signal,
      (channel) => channel,
    );
  }

  #request<T>(
    request: (opened: Opened) => unknown,
    signal: AbortSignal,
    use: (channel: ClientChannel) => T,
  ): Promise<T> {
    if (this.#lost) return Promise.reject(connectionLost(this.place));
    this.#open += 1;
    let counted = true;
    const release = (): void => {
      if (!counted) return;
      counted = false;
      this.#open -= 1;
      this.#wake();
    };
    return new Promise((resolve, reject) => {
      const onLost = (): void => fail(connectionLost(this.place));
      const onAbort = (): void => settle(() => reject(signal.reason as Error)); // the slot is freed when it is known
      const settle = (end: () => void): void => {
        this.client.off('close', onLost);
        signal.removeEventListener('abort', onAbort);
        end();
      };
      const fail = (error: RuntimeError): void => {
        if (error.code === 'SSH_CHANNEL_REFUSED')
          this.#limit = Math.max(1, Math.min(this.#limit, this.#open - 1));
        release();
        settle(() => reject(error));
      };
      this.client.once('close', onLost);
      signal.addEventListener('abort', onAbort, { once: true });
      const opened: Opened = (error, channel) => {
        if (channel === undefined) {
          fail(this.#refusal(error));
          return;
        }
        channel.on('error', () => undefined); // writing to a command that has ended is no news
        channel.once('close', release);
        if (signal.aborted) {
          // Nothing was sent yet, so its shell ends without having run anything.
          channel.resume();
          channel.stderr.resume();
          channel.end();
          channel.close();
        } else {
          const used = use(channel);
          settle(() => resolve(used));
        }
      };
      try {
        request(opened);
      } catch (error) {
        fail(connectionLost(this.place, error)); // ssh2 throws when it already knows that the connection is gone
      }
    });
  }

  #refusal(cause: Error | undefined): RuntimeError {
    return this.#lost ? connectionLost(this.place, cause) : channelRefused(this.place, cause);
  }

  async #freed(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const done = (): void => {
        this.#waiting.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.#waiting.add(done);
      this.onWanted();
      signal.addEventListener('abort', done, { once: true });
    });
    if (this.#lost) throw connectionLost(this.place);
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }
}

/** The error for a channel that was not opened: by a server that refuses it, or because the connection is gone. */
export function channelRefused(place: string, cause: Error | undefined): RuntimeError {
  const message = cause?.message ?? '';
  if (!/open failure|unable to|unsuccessful/i.test(message)) return connectionLost(place, cause);
  return new RuntimeError('SSH_CHANNEL_REFUSED', `${place} lets us in but opens no channel: ${message}`, {
    cause,
    details: { place },
  });
}

/** The error for a connection that ended while something was still wanted of it. */
export function connectionLost(place: string, cause?: unknown): RuntimeError {
  return new RuntimeError('SSH_CONNECTION_LOST', `The connection to ${place} was lost.`, {
    cause,
    details: { place },
  });
}
