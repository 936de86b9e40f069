import {
  type Http2SecureServer,
  createSecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2';
import { type IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { BoardClock } from '../board/board-clock.js';
import type { BoardCertificate } from '../tls/board-certificate.js';
import { connectionKey, IncomingRequest } from './incoming-request.js';
import { headOf, refuse } from './odd-head.js';
import { NO_REPLY, type Outcome } from './reply.js';
import { sendReply } from './send-reply.js';

const HANDSHAKE_LIMIT_MS = 3000;
const FIRST_REQUEST_LIMIT_MS = 5000;
/** The daemon's framework reads so many bytes of a head, and so many headers; more is refused (431). */
const LARGEST_HEAD = 128 * 1024;
const MOST_HEADERS = 96;

/** What a server offers in its handshake. */
export interface TlsProtocols {
  readonly minVersion: 'TLSv1.2';
  readonly maxVersion: 'TLSv1.2' | 'TLSv1.3';
  readonly ALPNProtocols: string[];
}

/** Upstream's: TLS 1.2 at most, HTTP/2 preferred (docs/reference/bmc-protocol.md, "Transport"). */
export const UPSTREAM_PROTOCOLS: TlsProtocols = {
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.2',
  ALPNProtocols: ['h2', 'http/1.1'],
};

/** The fork's: TLS 1.3 as well, no HTTP/2 (docs/reference/bmc-protocol.md, "Fork: identity"). */
export const FORK_PROTOCOLS: TlsProtocols = {
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.3',
  ALPNProtocols: ['http/1.1'],
};

/** What the server asks for every request. */
export type AnswerRequest = (request: IncomingRequest) => Promise<Outcome>;

/**
 * The board's port 443.
 *
 * @remarks A connection without a complete request within five seconds gets 408; after its first request it may idle.
 */
export class HttpsServer implements AsyncDisposable {
  readonly #server: Http2SecureServer;
  readonly #connections = new Map<string, Socket>();
  readonly #secured = new Map<string, TLSSocket>();
  readonly #firstRequestSeen = new WeakMap<object, () => void>();
  readonly #turns = new WeakMap<object, Promise<void>>();
  #address: { host: string; port: number };

  constructor(
    certificate: BoardCertificate,
    private readonly protocols: TlsProtocols,
    private readonly clock: BoardClock,
    private readonly answer: AnswerRequest,
    address: { readonly host: string; readonly port: number },
  ) {
    this.#address = { ...address };
    this.#server = createSecureServer({
      key: certificate.key,
      cert: certificate.certificate,
      allowHTTP1: true,
      ...protocols,
      handshakeTimeout: clock.limitMs(HANDSHAKE_LIMIT_MS),
    });
    // The daemon has no limits of its own beyond those two; Node's would close idle and slow connections.
    Object.assign(this.#server, {
      maxHeaderSize: LARGEST_HEAD,
      headersTimeout: 0,
      requestTimeout: 0,
      keepAliveTimeout: 0,
      timeout: 0,
    });
    this.#server.on('connection', (socket: Socket) => this.#track(socket));
    this.#server.on('secureConnection', (socket: TLSSocket) => this.#awaitFirstRequest(socket));
    this.#server.on('sessionError', () => undefined);
    this.#server.on(
      'clientError',
      (error: Error & { rawPacket?: Buffer; code?: string }, socket: TLSSocket) => {
        // Not what was read, but the connection: nobody could be answered, of a handshake without an end above all.
        if (error.code?.startsWith('HPE_') !== true) {
          socket.destroy();
          return;
        }
        const message =
          error.code === 'HPE_INVALID_METHOD' && error.rawPacket
            ? headOf(error.rawPacket, socket)
            : undefined;
        if (!message) {
          refuse(socket, error.code === 'HPE_HEADER_OVERFLOW' ? 431 : 400);
          return;
        }
        const response = new ServerResponse(message);
        response.assignSocket(socket);
        response.once('finish', () => socket.end());
        void this.#enqueue(message, response);
      },
    );
    // Node hands requests with an upgrade header over without a response; most of them are ordinary here.
    this.#server.on('upgrade', (message: IncomingMessage, socket: Socket) => {
      const response = new ServerResponse(message);
      response.assignSocket(socket);
      response.once('finish', () => socket.end());
      void this.#enqueue(message, response);
    });
    this.#server.on('request', (request, response) => void this.#enqueue(request, response));
  }

  get address(): { readonly host: string; readonly port: number } {
    return this.#address;
  }

  /** Presents another certificate from the next connection on. */
  useCertificate({ key, certificate }: BoardCertificate): void {
    const { minVersion, maxVersion } = this.protocols;
    this.#server.setSecureContext({ key, cert: certificate, minVersion, maxVersion });
  }

  /** Opens the port; a second time it is the same one. */
  async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#address.port, this.#address.host, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
    const { port } = this.#server.address() as AddressInfo;
    this.#address = { ...this.#address, port };
  }

  /** Closes the port and every connection, with a reset when the daemon died. */
  async close(reset = false): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    for (const key of this.#connections.keys()) this.drop(key, reset);
    await closed;
  }

  /** Closes one connection without an answer. */
  drop(connection: string, reset: boolean): void {
    const socket = this.#connections.get(connection);
    // One whose end is under way cannot be reset: libuv refuses, and Node then waits for it for ever when it exits.
    if (reset && this.#secured.get(connection)?.writableEnded !== true) socket?.resetAndDestroy();
    else socket?.destroy();
  }

  /** Closes every connection without an answer, and goes on listening. */
  dropAll(): void {
    for (const key of this.#connections.keys()) this.drop(key, true);
  }

  /**
   * Notices a reset of a connection that nothing is read from: only a write, even an empty one, tells. An ordinary close
   * waits behind the unread bytes, here as on a board.
   */
  probe(connection: string): void {
    this.#connections.get(connection)?.write('');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#server.listening) await this.close();
  }

  #track(socket: Socket): void {
    const key = connectionKey(socket);
    this.#connections.set(key, socket);
    socket.on('error', () => undefined); // reset by the client: seen as the end of the connection
    socket.once('close', () => {
      this.#connections.delete(key);
      this.#secured.delete(key);
    });
  }

  #awaitFirstRequest(socket: TLSSocket): void {
    this.#secured.set(connectionKey(socket), socket);
    socket.on('error', () => undefined);
    if (socket.alpnProtocol === 'h2') return;
    const timer = setTimeout(() => {
      const date = new Date().toUTCString();
      socket.end(
        `HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\ndate: ${date}\r\n\r\n`,
        () => socket.destroy(),
      );
    }, this.clock.limitMs(FIRST_REQUEST_LIMIT_MS));
    const stop = (): void => clearTimeout(timer);
    socket.once('close', stop);
    this.#firstRequestSeen.set(socket, stop);
  }

  // HTTP/1.1 requests that were sent ahead are answered one after another; Node would run them at once.
  async #enqueue(
    message: IncomingMessage | Http2ServerRequest,
    response: ServerResponse | Http2ServerResponse,
  ): Promise<void> {
    const { socket } = message;
    this.#firstRequestSeen.get(socket)?.();
    if (message.rawHeaders.length / 2 > MOST_HEADERS && message.httpVersionMajor < 2) {
      refuse(socket, 431);
      return;
    }
    const request = new IncomingRequest(message);
    if (message.httpVersionMajor >= 2) return this.#serve(message, request, response);
    const turn = (this.#turns.get(socket) ?? Promise.resolve()).then(async () => {
      if (!socket.destroyed) await this.#serve(message, request, response);
    });
    this.#turns.set(socket, turn);
    await turn;
  }

  async #serve(
    message: IncomingMessage | Http2ServerRequest,
    request: IncomingRequest,
    response: ServerResponse | Http2ServerResponse,
  ): Promise<void> {
    const outcome = await this.answer(request);
    if (outcome === NO_REPLY) {
      this.drop(request.connection, false);
      return;
    }
    if ('bytes' in outcome) {
      message.socket.end(outcome.bytes);
      return;
    }
    if ('takeOver' in outcome) {
      if (response instanceof ServerResponse) response.detachSocket(message.socket);
      outcome.takeOver(message, message.socket);
      return;
    }
    await sendReply(response, outcome);
    outcome.afterwards?.();
  }
}
