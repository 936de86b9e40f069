import type { IncomingMessage } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';
import type { Readable } from 'node:stream';

/** The client went away in the middle of a body. */
export class BodyAborted extends Error {}

/** What makes it worth looking at a body again; an error is followed by `close`. */
const CHANGES = ['readable', 'end', 'close'] as const;

/** A request with its body pulled piece by piece, so that what nobody wants stays in the socket. */
export class IncomingRequest {
  readonly method: string;
  /** Path without the query; what was percent-encoded without need is decoded. */
  readonly path: string;
  /** What follows the question mark, undecoded. */
  readonly rawQuery: string;
  readonly target: string;
  readonly peer: string;
  /** Names the connection among those that are open. */
  readonly connection: string;
  /** Fires with a {@link BodyAborted} when the client is gone before its body was complete. */
  readonly aborted: AbortSignal;
  readonly #onBytes: ((total: number) => Promise<void>)[] = [];
  #read = 0;

  constructor(readonly message: IncomingMessage | Http2ServerRequest) {
    const { socket } = message;
    this.method = message.method ?? 'GET';
    this.target = message.url ?? '/';
    // Of an absolute form only path and query count; a proxy would have removed the rest.
    const target = this.target.replace(/^https?:\/\/[^/?#]*(?=[/?]|$)/i, '');
    const mark = target.indexOf('?');
    this.path = decodePath(mark < 0 ? target : target.slice(0, mark)) || '/';
    this.rawQuery = mark < 0 ? '' : target.slice(mark + 1);
    this.peer = socket.remoteAddress ?? '';
    this.connection = connectionKey(socket);
    message.on('error', () => undefined); // seen by whoever reads the body
    const aborted = new AbortController();
    this.aborted = aborted.signal;
    message.once('close', () => {
      if (!message.complete) aborted.abort(new BodyAborted('connection closed inside the body'));
    });
  }

  header(name: string): string | undefined {
    const value = this.message.headers[name];
    return Array.isArray(value) ? value[0] : value;
  }

  /** Called with the number of body bytes read so far, before they are handed on. */
  onBytes(listener: (total: number) => Promise<void>): void {
    this.#onBytes.push(listener);
  }

  /** The next bytes of the body, undefined at its end. @throws BodyAborted */
  async readBody(): Promise<Buffer | undefined> {
    for (;;) {
      const chunk = this.message.read() as Buffer | null;
      if (chunk) {
        this.#read += chunk.length;
        for (const listener of this.#onBytes) await listener(this.#read);
        return chunk;
      }
      if (this.message.readableEnded) return undefined;
      if (this.message.destroyed) throw new BodyAborted('connection closed inside the body');
      await this.#change();
    }
  }

  /** The whole body. @throws BodyAborted */
  async readBytes(): Promise<Buffer> {
    const chunks: Buffer[] = [];
    for (let chunk = await this.readBody(); chunk; chunk = await this.readBody()) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  /**
   * Leaves the rest of the body unread even after the reply, as the daemon does
   * (docs/reference/bmc-protocol.md, "Upload").
   */
  leaveUnread(): void {
    this.message.read(0);
  }

  #change(): Promise<void> {
    const stream: Readable = this.message;
    return new Promise((resolve) => {
      const changed = (): void => {
        for (const event of CHANGES) stream.off(event, changed);
        resolve();
      };
      for (const event of CHANGES) stream.on(event, changed);
    });
  }
}

/** Names a connection by its remote end. */
export function connectionKey(socket: {
  remoteAddress?: string | undefined;
  remotePort?: number | undefined;
}): string {
  return `${socket.remoteAddress ?? ''}:${socket.remotePort ?? 0}`;
}

/** Decodes as the daemon's router does: a slash or a percent sign stays encoded, so no new parts come into being. */
function decodePath(path: string): string {
  return path.replace(/%([0-9a-f]{2})/gi, (encoded, hex: string) => {
    const code = Number.parseInt(hex, 16);
    const isPlain = code > 0x20 && code < 0x7f && code !== 0x25 && code !== 0x2f;
    return isPlain ? String.fromCharCode(code) : encoded;
  });
}
