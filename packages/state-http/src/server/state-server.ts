import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { TLSSocket } from 'node:tls';
import {
  ConfigError,
  type Logger,
  silentLogger,
  type StateStore,
  TuringPiError,
} from '@turingpi/core/plugin';
import { ALIVE, API, CHANGED_MEANWHILE, type Failure, REFUSED } from '../wire/messages.js';
import { answer, type Asked } from './answer.js';
import { NotUnderstood } from './not-understood.js';
import { ChangedMeanwhile, ServedCluster } from './served-cluster.js';

/** What clusters are called: never a path, whatever a store makes of it. */
const CLUSTER = /^[\p{L}\p{N}][\p{L}\p{N}\p{M} ._-]{0,99}$/u;
/** So long a client may take to prove who it is, and to have asked, in milliseconds. */
const PROVEN_WITHIN_MS = 10_000;
const ASKED_WITHIN_MS = 60_000;
/** Between two signs on a stream on which nothing else is told, in milliseconds. */
const SIGN_EVERY_MS = 10_000;
/** A larger body is none of a client's. */
const MOST_BYTES = 64 << 20;

/** What a server is made of. */
export interface StateServerOptions {
  /** Opens the store of a cluster when it is first asked for; the server closes it. */
  readonly open: (cluster: string) => Promise<StateStore>;
  /** PEM certificates of the authority that vouches for clients. */
  readonly ca: string;
  /** PEM certificate and key by which the server proves who it is. */
  readonly cert: string;
  readonly key: string;
  /** Where it listens; default: every address, a free port. */
  readonly host?: string;
  readonly port?: number;
  /** Whether a client, by the common name of its certificate, may use a cluster. Default: whoever has a certificate may. */
  readonly mayUse?: (client: string, cluster: string) => boolean;
  readonly logger?: Logger;
}

/** Puts the stores of clusters behind HTTPS, for clients who prove who they are by a certificate. */
export class StateServer implements AsyncDisposable {
  readonly #clusters = new Map<string, Promise<ServedCluster>>();
  readonly #server: Server;
  readonly #streams = new Set<ServerResponse>();

  private constructor(private readonly options: StateServerOptions) {
    const { ca, cert, key } = options;
    this.#server = createServer(
      {
        ca,
        cert,
        key,
        requestCert: true,
        rejectUnauthorized: true,
        minVersion: 'TLSv1.3',
        handshakeTimeout: PROVEN_WITHIN_MS,
      },
      (request, response) => void this.#handle(request, response),
    );
    // Who asks has a minute to have asked; how long an answer takes is another matter.
    this.#server.requestTimeout = ASKED_WITHIN_MS;
  }

  /** Resolves when it listens. @throws What the system says of the address. */
  static async listen(options: StateServerOptions): Promise<StateServer> {
    const server = new StateServer(options);
    server.#server.listen(options.port ?? 0, options.host);
    await once(server.#server, 'listening');
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Ends what clients have under way and closes the stores. What clients hold is theirs still: it is in the store. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const stream of this.#streams) stream.destroy();
    this.#server.closeAllConnections();
    await closed;
    for (const cluster of this.#clusters.values())
      await cluster.then((served) => served[Symbol.asyncDispose]()).catch(() => undefined);
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const since = performance.now();
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    try {
      const { cluster, ...asked } = await this.#read(request);
      const { signal } = gone;
      if (asked.path[0] === 'events') {
        await this.#stream(await this.#cluster(cluster), response);
        return;
      }
      const body = await answer(await this.#cluster(cluster), { ...asked, signal, since });
      const text = JSON.stringify(body ?? {});
      response.writeHead(200, { 'content-type': 'application/json' }).end(text);
    } catch (error) {
      if (gone.signal.aborted) return;
      const { status, body } = this.#failure(error);
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    }
  }

  async #read(
    request: IncomingMessage,
  ): Promise<Omit<Asked, 'signal' | 'since'> & { readonly cluster: string }> {
    const url = understood(() => new URL(request.url ?? '', 'https://server'));
    if (!url.pathname.startsWith(`${API}/`)) throw new NotFound();
    const [cluster = '', ...path] = url.pathname
      .slice(API.length + 1)
      .split('/')
      .map((part) => understood(() => decodeURIComponent(part)));
    const client = clientOf(request);
    if (!CLUSTER.test(cluster) || this.options.mayUse?.(client, cluster) === false) {
      (this.options.logger ?? silentLogger).warn(
        { client, cluster },
        'a client asked for what is not for it',
      );
      throw new NotFound();
    }
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > MOST_BYTES) throw new NotUnderstood();
      chunks.push(chunk);
    }
    const text = Buffer.concat(chunks).toString('utf8');
    const body: unknown = text === '' ? undefined : understood(() => JSON.parse(text) as unknown);
    return { cluster, path, query: url.searchParams, method: request.method ?? '', body };
  }

  #cluster(name: string): Promise<ServedCluster> {
    const known = this.#clusters.get(name);
    if (known !== undefined) return known;
    const opening = this.options.open(name).then(servedCluster);
    this.#clusters.set(name, opening);
    opening.catch(() => this.#clusters.delete(name)); // the next one who asks tries again
    return opening;
  }

  /** Server-sent events: one for each record that changes. */
  async #stream({ store }: ServedCluster, response: ServerResponse): Promise<void> {
    this.#streams.add(response);
    const end = store.subscribe(({ node, phase }) => {
      response.write(`event: change\ndata: ${JSON.stringify({ node, phase })}\n\n`);
    });
    const signs = setInterval(() => response.write(ALIVE), SIGN_EVERY_MS).unref();
    response.on('close', () => {
      clearInterval(signs);
      end();
      this.#streams.delete(response);
    });
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    await store.load().catch(() => undefined); // what changes after this is told
    response.write(': begins\n\n');
  }

  #failure(error: unknown): { readonly status: number; readonly body: Failure } {
    if (error instanceof ChangedMeanwhile)
      return { status: CHANGED_MEANWHILE, body: { code: 'CHANGED', message: 'changed meanwhile' } };
    if (error instanceof NotFound)
      return {
        status: REFUSED,
        body: { code: 'STATE_UNREACHABLE', message: 'there is nothing here for you' },
      };
    if (error instanceof NotUnderstood)
      return { status: REFUSED, body: { code: 'STATE_WRITE_FAILED', message: NOT_UNDERSTOOD } };
    if (TuringPiError.is(error)) {
      const { code, message, hint, details } = error;
      // Its own store is away: asked again, it may answer.
      const status = code === 'STATE_UNREACHABLE' ? 503 : REFUSED;
      return { status, body: { code, message, hint, details } };
    }
    (this.options.logger ?? silentLogger).warn({ err: error }, 'a request failed');
    return { status: REFUSED, body: { code: 'STATE_WRITE_FAILED', message: 'the server failed' } };
  }
}

const NOT_UNDERSTOOD = 'what was asked is not understood: client and server may be of different versions';

/** Does what fails where a client asks for nonsense, of which nothing is told or logged: there may be secrets in it. */
function understood<T>(read: () => T): T {
  try {
    return read();
  } catch {
    throw new NotUnderstood();
  }
}

/** Nothing is there, or it is not for who asks: which of the two is not said. */
class NotFound extends Error {}

async function servedCluster(store: StateStore): Promise<ServedCluster> {
  if (store.heldBy !== undefined) return new ServedCluster(store);
  await store[Symbol.asyncDispose]();
  throw new ConfigError('CONFIG_INVALID', `no server can be put before the store ${store.location}`, {
    hint: 'It must say what a distant holder has (`heldBy`), as those of a file and of PostgreSQL do.',
  });
}

function clientOf(request: IncomingMessage): string {
  if (!(request.socket instanceof TLSSocket)) return '';
  const name: unknown = request.socket.getPeerCertificate().subject.CN;
  return typeof name === 'string' ? name : '';
}
