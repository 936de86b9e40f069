import type { BmcCredentials } from './bmc-credentials.js';
import { type Logger, Mutex } from '@turingpi/foundation';
import { BmcError } from '../errors/bmc-error.js';
import type { HttpReply, HttpRequest, HttpTransport } from '../http/http-transport.js';
import { endpointKey } from '../tls/verified-connection.js';
import { Authenticator } from './authenticator.js';
import type { CallOptions } from './call-options.js';
import type { TokenCache } from './token-cache.js';

/** One authenticated request. */
export interface BmcCall extends CallOptions, Pick<HttpRequest, 'method' | 'path' | 'headers' | 'body'> {
  /** What it is, for logs and messages: never contains values that a user typed. */
  readonly name: string;
  /** Sending it twice does what sending it once does, so a lost connection is no reason to fail. */
  readonly idempotent: boolean;
}

/** What work that sends a request by itself needs. */
export interface Access {
  readonly authorization: Readonly<Record<string, string>>;
  /** To be told of a reply with status 401 or 429. Logs in anew for the next request; throws when that is refused. */
  readonly refused: (reply: HttpReply) => Promise<Access['authorization']>;
}

/** How often and how patiently a harmless call is sent again after its connection was lost. */
const RETRY_DELAYS_MS = [200, 1000, 3000];

/**
 * An authenticated conversation with one BMC, one call at a time.
 *
 * @remarks
 * The daemon serves its network clients strictly one after the other and, during an upload, nobody else
 * (docs/reference/bmc-protocol.md, "One lock for all clients"). Queueing here keeps our own calls from hanging there,
 * and a stale token from being tried several times, which would count towards the ban.
 */
export class BmcSession {
  readonly #mutex = new Mutex();
  readonly #authenticator: Authenticator;

  constructor(
    readonly transport: HttpTransport,
    credentials: BmcCredentials,
    tokens: TokenCache,
    readonly logger: Logger,
  ) {
    this.#authenticator = new Authenticator(transport, credentials, tokens, logger);
  }

  /** The board's name in messages and files: `host:port`. */
  get key(): string {
    return endpointKey(this.transport.endpoint);
  }

  /** Logs in unless a token is at hand. */
  async login(options: CallOptions = {}): Promise<void> {
    await this.#mutex.run(() => this.#authenticator.authorization(options), options.signal);
  }

  /** Sends a call and returns the reply, whatever its status except a refused login. */
  call(call: BmcCall): Promise<HttpReply> {
    return this.#mutex.run(
      () => this.#authorized(call, (headers) => this.#exchange({ ...call, headers })),
      call.signal,
    );
  }

  /** Sends a call and hands its reply, body unread, to `consume`; nothing else is sent until that ends. */
  stream<T>(
    call: BmcCall,
    consume: (reply: Awaited<ReturnType<HttpTransport['open']>>) => Promise<T>,
  ): Promise<T> {
    return this.#mutex.run(async () => {
      const authorization = await this.#authenticator.authorization(call);
      return await consume(
        await this.transport.open({ ...call, headers: { ...call.headers, ...authorization } }),
      );
    }, call.signal);
  }

  /** Runs work that sends a request by itself; nothing else is sent meanwhile. */
  exclusively<T>(work: (access: Access) => Promise<T>, options: CallOptions): Promise<T> {
    return this.#mutex.run(async () => {
      const authorization = await this.#authenticator.authorization(options);
      const refused = (reply: HttpReply) => this.#authenticator.renew(reply, options);
      return await work({ authorization, refused });
    }, options.signal);
  }

  close(): void {
    this.transport.close();
  }

  async #authorized(
    call: BmcCall,
    send: (headers: Readonly<Record<string, string>>) => Promise<HttpReply>,
  ): Promise<HttpReply> {
    const started = performance.now();
    const token = await this.#authenticator.authorization(call);
    let reply = await send({ ...call.headers, ...token });
    if (reply.status === 401 || reply.status === 429) {
      // The handler did not run, so sending again is safe whatever the call is.
      const fresh = await this.#authenticator.renew(reply, call);
      reply = await send({ ...call.headers, ...fresh });
      if (reply.status === 401 || reply.status === 429) throw this.#authenticator.refusal(reply);
    }
    this.logger.debug(
      { call: call.name, status: reply.status, ms: Math.round(performance.now() - started) },
      'BMC call',
    );
    return reply;
  }

  async #exchange(call: BmcCall): Promise<HttpReply> {
    for (const delayMs of [...RETRY_DELAYS_MS, undefined]) {
      try {
        return await this.transport.exchange(call);
      } catch (cause) {
        if (!call.idempotent || delayMs === undefined || !BmcError.hasCode(cause, 'BMC_CONNECTION_LOST'))
          throw cause;
        // An idle connection that the BMC had closed is nothing to wait for.
        if (cause.details['reused'] !== true) await pause(delayMs, call.signal);
      }
    }
    throw new Error('unreachable');
  }
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  const { setTimeout: sleep } = await import('node:timers/promises');
  try {
    await sleep(ms, undefined, signal ? { signal } : {});
  } catch (cause) {
    signal?.throwIfAborted();
    throw cause;
  }
}
