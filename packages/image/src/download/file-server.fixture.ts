import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request as the server saw it. */
export interface SeenRequest {
  readonly url: string;
  readonly range: string | undefined;
  readonly ifRange: string | undefined;
  readonly authorization: string | undefined;
}

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** How a file is served. */
export interface ServedFile {
  content: Buffer;
  etag?: string;
  lastModified?: string;
  /** Default true. */
  ranges?: boolean;
  contentType?: string;
  /** How many bytes an answer brings before its connection is cut; undefined does not cut. */
  cutAfter?: () => number | undefined;
}

/** A real HTTP server on loopback that serves files as well, or as badly, as it is told. */
export class FileServer implements AsyncDisposable {
  readonly requests: SeenRequest[] = [];
  readonly #handlers = new Map<string, Handler>();

  private constructor(private readonly server: Server) {}

  static async start(): Promise<FileServer> {
    const server = createServer((request, response) => files.#serve(request, response));
    const files = new FileServer(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return files;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  url(path: string): string {
    return `http://127.0.0.1:${this.port}${path}`;
  }

  handle(path: string, handler: Handler): void {
    this.#handlers.set(path, handler);
  }

  /** Serves a file; the object may be changed later. */
  serve(path: string, file: ServedFile): void {
    this.handle(path, (request, response) => sendFile(file, request, response));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const { range, authorization } = request.headers;
    const ifRange = request.headers['if-range'];
    const url = request.url ?? '';
    this.requests.push({ url, range, ifRange: ifRange?.toString(), authorization });
    const handler = this.#handlers.get(url.split('?')[0] ?? '');
    if (handler) handler(request, response);
    else response.writeHead(404, { 'content-type': 'text/html' }).end('<html>no such file</html>');
  }
}

function sendFile(file: ServedFile, request: IncomingMessage, response: ServerResponse): void {
  const { content, etag, lastModified } = file;
  const from = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1];
  const ifRange = request.headers['if-range'];
  const same = ifRange === undefined || ifRange === etag || ifRange === lastModified;
  const start = file.ranges !== false && from !== undefined && same ? Number(from) : undefined;
  if (start !== undefined && start >= content.length) {
    response.writeHead(416, { 'content-range': `bytes */${content.length}` }).end();
    return;
  }
  const body = content.subarray(start ?? 0);
  response.writeHead(start === undefined ? 200 : 206, {
    'content-length': body.length,
    'content-type': file.contentType ?? 'application/octet-stream',
    ...(etag === undefined ? {} : { etag }),
    ...(lastModified === undefined ? {} : { 'last-modified': lastModified }),
    ...(start === undefined
      ? {}
      : { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` }),
  });
  const cut = file.cutAfter?.();
  if (cut === undefined || cut >= body.length) response.end(body);
  else response.write(body.subarray(0, cut), () => setImmediate(() => response.socket?.destroy()));
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
