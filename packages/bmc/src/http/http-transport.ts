import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { Logger } from '@turingpi/foundation';
import { BmcError } from '../errors/bmc-error.js';
import type { BoardVerifier } from '../tls/board-verifier.js';
import {
  type BmcEndpoint,
  connectionError,
  endpointKey,
  errorCodeOf,
  openVerified,
  type VerifiedConnection,
} from '../tls/verified-connection.js';
import { readBody } from './read-body.js';
import { limitSilence } from './limit-silence.js';
import type { VerifiedAgent, VerifiedRequest } from './verified-agent.js';

/** Limits of waiting, in milliseconds. */
export interface TransportTimings {
  /** For connecting and the TLS handshake (RSA 4096 on a slow processor). */
  readonly connectMs: number;
  /**
   * After this much silence before an answer we look whether the BMC is still there, and again each time it passes. An
   * answer that has begun and stops for this long is given up.
   */
  readonly answerMs: number;
  /** The BMC answers nobody while it receives an upload; after this much silence we give up. */
  readonly busyMs: number;
}

export const DEFAULT_TRANSPORT_TIMINGS: TransportTimings = {
  connectMs: 15_000,
  answerMs: 30_000,
  busyMs: 30 * 60_000,
};

/** One request, without authentication. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  /** Path and query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal | undefined;
  /** Overrides {@link TransportTimings.busyMs} for this request. */
  readonly busyMs?: number | undefined;
}

/** A whole reply. */
export interface HttpReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** HTTP/1.1 to one BMC over connections whose peer is verified. */
export class HttpTransport {
  #agent: Promise<VerifiedAgent> | undefined;

  constructor(
    readonly endpoint: BmcEndpoint,
    private readonly verifier: BoardVerifier,
    private readonly timings: TransportTimings,
    private readonly logger: Logger,
  ) {}

  /** Opens a verified connection that belongs to the caller alone. Use it at once: after 5 s the BMC closes it. */
  openConnection(signal?: AbortSignal): Promise<VerifiedConnection> {
    return openVerified(this.endpoint, {
      signal,
      timeoutMs: this.timings.connectMs,
      verify: (socket) => this.verifier.verify(socket),
      tls: this.verifier.connectOptions,
    });
  }

  /** Sends a request and reads the whole reply. */
  async exchange(request: HttpRequest): Promise<HttpReply> {
    const message = await this.open(request);
    try {
      const body = await readBody(message, request.signal);
      return { status: message.statusCode ?? 0, headers: message.headers, body };
    } catch (cause) {
      throw this.failure(cause, request.signal);
    }
  }

  /** Sends a request and returns the reply with its body unread. */
  async open(request: HttpRequest): Promise<IncomingMessage> {
    // With the first request: many commands have a client and ask nothing, and Node's HTTPS takes a while to load.
    const [{ request: httpsRequest }, agent] = await Promise.all([
      import('node:https'),
      (this.#agent ??= this.#makeAgent()),
    ]);
    request.signal?.throwIfAborted();
    const end = new AbortController();
    const options: VerifiedRequest = {
      agent,
      opening: end.signal,
      host: this.endpoint.host,
      port: this.endpoint.port,
      method: request.method,
      path: request.path,
      headers: {
        ...request.headers,
        ...(request.body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(request.body)) }),
      },
    };
    const outgoing = httpsRequest(options);
    const stopWatching = this.#watch(outgoing, end, request);
    try {
      const message = await new Promise<IncomingMessage>((resolve, reject) => {
        outgoing.once('response', resolve).on('error', reject).end(request.body);
      });
      const { answerMs } = this.timings;
      limitSilence(message, answerMs, () => this.#silent(answerMs));
      return message;
    } catch (cause) {
      throw this.failure(cause, request.signal, outgoing.reusedSocket);
    } finally {
      stopWatching();
    }
  }

  /** Closes idle connections. */
  close(): void {
    void this.#agent?.then((agent) => agent.destroy());
  }

  async #makeAgent(): Promise<VerifiedAgent> {
    const { VerifiedAgent } = await import('./verified-agent.js');
    // One connection: the daemon answers its network clients one after the other anyway, and handshakes are dear.
    return new VerifiedAgent(async (signal) => (await this.openConnection(signal)).socket, {
      keepAlive: true,
      maxSockets: 1,
    });
  }

  /** Ends a request on abort, when the BMC is gone, and when it has been silent for too long. */
  #watch(
    outgoing: ClientRequest,
    end: AbortController,
    { signal, busyMs = this.timings.busyMs }: HttpRequest,
  ): () => void {
    const started = performance.now();
    const stop = (reason: Error): void => {
      outgoing.destroy(reason);
      end.abort(reason);
    };
    const abort = (): void => stop(new Error('aborted'));
    signal?.addEventListener('abort', abort, { once: true });
    const watching = new AbortController();
    const look = async (): Promise<void> => {
      const waitedMs = performance.now() - started;
      if (waitedMs >= busyMs) {
        stop(this.#busy(waitedMs));
        return;
      }
      try {
        await this.#reach(watching.signal);
        this.logger.info({ waitedMs: Math.round(waitedMs) }, 'BMC is busy, still waiting for its answer');
      } catch (cause) {
        if (!watching.signal.aborted) stop(connectionError(this.endpoint, cause) as Error);
      }
      if (!watching.signal.aborted && !end.signal.aborted) schedule();
    };
    let timer: NodeJS.Timeout;
    const schedule = () => {
      const leftMs = busyMs - (performance.now() - started);
      timer = setTimeout(() => void look(), Math.max(1, Math.min(this.timings.answerMs, leftMs)));
    };
    schedule();
    return () => {
      watching.abort();
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    };
  }

  #busy(waitedMs: number): BmcError {
    const seconds = Math.round(waitedMs / 1000);
    return new BmcError(
      'BMC_BUSY',
      `the BMC at ${endpointKey(this.endpoint)} accepts connections but gave no answer for ${seconds} s`,
      {
        hint: 'Another client is uploading, or one vanished during its upload and left the API blocked. `turingpi doctor` tells which; restarting the daemon on the BMC (`/etc/init.d/S94bmcd restart`) frees it and may switch nodes off and on.',
      },
    );
  }

  #silent(silentMs: number): BmcError {
    const seconds = Math.round(silentMs / 1000);
    return new BmcError(
      'BMC_CONNECTION_LOST',
      `the BMC at ${endpointKey(this.endpoint)} began an answer and has sent nothing more for ${seconds} s`,
      { hint: 'Check the network between here and the board, then try again.' },
    );
  }

  /** Whether anything listens there: a killed daemon refuses, a busy one accepts. */
  #reach(signal: AbortSignal): Promise<void> {
    const { host, port } = this.endpoint;
    return new Promise((resolve, reject) => {
      // Its own option `signal` would leave a listener behind for every look (Node.js takes it away at an abort alone).
      const socket = connect({ host, port, timeout: this.timings.connectMs });
      const abort = (): void => void socket.destroy(new Error('aborted'));
      signal.addEventListener('abort', abort, { once: true });
      socket
        .once('close', () => signal.removeEventListener('abort', abort))
        .once('connect', () => resolve())
        .once('timeout', () => reject(Object.assign(new Error('timed out'), { name: 'TimeoutError' })))
        .on('error', reject)
        .once('connect', () => socket.destroy())
        .once('timeout', () => socket.destroy());
    });
  }

  /**
   * Puts a failure of a request, or of reading its reply, into words.
   *
   * @throws the signal's reason when it has fired
   */
  failure(cause: unknown, signal?: AbortSignal, reused = false): unknown {
    signal?.throwIfAborted();
    if (BmcError.is(cause)) return cause;
    const code = errorCodeOf(cause);
    if (
      code === 'ECONNRESET' ||
      code === 'EPIPE' ||
      code === 'ECONNABORTED' ||
      code === 'HPE_INVALID_CONSTANT'
    ) {
      return new BmcError(
        'BMC_CONNECTION_LOST',
        `the BMC at ${endpointKey(this.endpoint)} closed the connection without an answer`,
        {
          cause,
          details: { reused },
        },
      );
    }
    return connectionError(this.endpoint, cause);
  }
}
