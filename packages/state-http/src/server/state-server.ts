import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { TLSSocket } from 'node:tls';
import { type Logger, silentLogger, type StateStore, TuringPiError } from '@turingpi/core/plugin';
import { HTTP_LEASE_TIMINGS } from '../client/http-state-store.js';
import { API, CHANGED_MEANWHILE, type Failure, REFUSED } from '../wire/messages.js';
import { answer, type Asked } from './answer.js';
import { ChangedMeanwhile, ServedCluster } from './served-cluster.js';

const GRACE_MS = HTTP_LEASE_TIMINGS.staleMs;
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
  /**
   * So long after its start it gives no lease, in milliseconds: holders of an earlier server that hear nothing have stopped
   * by then. Default: the time of a lease of its clients.
   */
  readonly graceMs?: number;
  /** Whether a client, by the common name of its certificate, may use a cluster. Default: whoever has a certificate may. */
  readonly mayUse?: (client: string, cluster: string) => boolean;
  readonly logger?: Logger;
}

/** Puts the stores of clusters behind HTTPS, for clients who prove who they are by a certificate. */
export class StateServer implements AsyncDisposable {
  readonly #clusters = new Map<string, Promise<ServedCluster>>();
  readonly #server: Server;
  readonly #streams = new Set<ServerResponse>();
  readonly #startedAt = performance.now();

  private constructor(private readonly options: StateServerOptions) {
    const { ca, cert, key } = options;
    this.#server = createServer(
      { ca, cert, key, requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.3' },
      (request, response) => void this.#handle(request, response),
    );
    this.#server.requestTimeout = 0; // who watches waits as long as a lease lasts
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

  /** Ends what clients have under way and closes the stores. What is held for clients is left: they may still be at it. */
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
      const isLease = asked.method === 'PUT' && asked.path[0] === 'leases';
      if (isLease && since - this.#startedAt < (this.options.graceMs ?? GRACE_MS)) throw new NotYet();
      if (asked.path[0] === 'events') {
        await this.#stream(await this.#cluster(cluster), response);
        return;
      }
      const body = await answer(await this.#cluster(cluster), { ...asked, signal, since });
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body ?? {}));
    } catch (error) {
      if (gone.signal.aborted) return;
      const { status, body } = this.#failure(error);
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    }
  }

  async #read(
    request: IncomingMessage,
  ): Promise<Omit<Asked, 'signal' | 'since'> & { readonly cluster: string }> {
    const url = new URL(request.url ?? '', 'https://server');
    if (!url.pathname.startsWith(`${API}/`)) throw new NotFound();
    const [cluster = '', ...path] = url.pathname
      .slice(API.length + 1)
      .split('/')
      .map(decodeURIComponent);
    const client = clientOf(request);
    if (cluster === '' || this.options.mayUse?.(client, cluster) === false) throw new NotFound();
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > MOST_BYTES) throw new NotFound();
      chunks.push(chunk);
    }
    const text = Buffer.concat(chunks).toString('utf8');
    const body: unknown = text === '' ? undefined : JSON.parse(text);
    return { cluster, path, query: url.searchParams, method: request.method ?? '', body };
  }

  #cluster(name: string): Promise<ServedCluster> {
    const known = this.#clusters.get(name);
    if (known !== undefined) return known;
    const opening = this.options.open(name).then((store) => new ServedCluster(store));
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
    response.on('close', () => {
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
    if (error instanceof NotYet)
      return { status: 503, body: { code: 'STATE_LEASE_HELD', message: 'the server has just begun' } };
    if (error instanceof NotFound)
      return {
        status: REFUSED,
        body: { code: 'STATE_UNREACHABLE', message: 'there is nothing here for you' },
      };
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

/** Whoever was given something by an earlier server may still be at it. */
class NotYet extends Error {}

/** Nothing is there, or it is not for who asks: which of the two is not said. */
class NotFound extends Error {}

function clientOf(request: IncomingMessage): string {
  if (!(request.socket instanceof TLSSocket)) return '';
  const name: unknown = request.socket.getPeerCertificate().subject.CN;
  return typeof name === 'string' ? name : '';
}
