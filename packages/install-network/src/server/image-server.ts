import { once, setMaxListeners } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ServedImage } from '../served/served-image.js';
import { Admission, admissionKey, type DiskApproval, type NodeSign, parseDisk } from './admission.js';
import { makeServerCertificate } from './server-certificate.js';

const MAX_BODY_BYTES = 4096;
const HEADERS_TIMEOUT_MS = 20_000;

/** Where the server listens. */
export interface ImageServerOptions {
  /** Default: every address of this computer, as nodes may be in several networks. */
  readonly host?: string;
  /** Default: any that is free. */
  readonly port?: number;
}

/**
 * Serves images to nodes over HTTPS with a key of its own, which the nodes were given beforehand, to whoever shows a token
 * that was given to one node.
 *
 * @remarks `POST /plan` with what `parseDisk` reads, `GET /parcel/N` with ranges, `POST /report`. What is sent is read from the image
 * as fast as the node takes it: some 512 KiB for each request are in memory.
 */
export class ImageServer implements AsyncDisposable {
  readonly #admissions = new Map<string, Admission>();
  readonly #stop = new AbortController();

  private constructor(
    private readonly server: Server,
    /** See `ServerCertificate`. */
    readonly publicKeyPin: string,
  ) {
    setMaxListeners(0, this.#stop.signal); // every answer that is under way listens
    server.on('request', (request, response) => {
      this.#answer(request, response).then(
        (status) => {
          if (status !== undefined) response.writeHead(status, { 'content-length': 0 }).end();
        },
        () => response.destroy(),
      );
    });
    server.on('tlsClientError', (_error, socket) => socket.destroy());
  }

  static async listen({ host, port = 0 }: ImageServerOptions = {}): Promise<ImageServer> {
    const { key, certificate, publicKeyPin } = await makeServerCertificate();
    const server = createServer({ key, cert: certificate, minVersion: 'TLSv1.2' });
    server.headersTimeout = HEADERS_TIMEOUT_MS;
    server.requestTimeout = 0; // a parcel may take its time
    server.listen(port, host);
    await once(server, 'listening');
    return new ImageServer(server, publicKeyPin);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /**
   * Lets one node fetch an image until it is done, or is no longer admitted.
   *
   * @param onSign - called with all that the node lets know
   * @param approve - asked before the node gets a plan for its disk; default: it may write it
   */
  admit(
    image: Pick<ServedImage, 'planFor'>,
    onSign: (sign: NodeSign) => void,
    approve?: DiskApproval,
  ): Admission {
    const tell = (sign: NodeSign): void => {
      if (sign.sign === 'report' && sign.state === 'done') this.dismiss(admission);
      onSign(sign);
    };
    const admission = new Admission(image, tell, approve);
    this.#admissions.set(admission.key, admission);
    return admission;
  }

  /** From now on its token opens nothing. */
  dismiss({ key }: Pick<Admission, 'key'>): void {
    this.#admissions.delete(key);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error('the image server stops'));
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }

  /** @returns The status to answer with, when nothing was answered yet. */
  async #answer(request: IncomingMessage, response: ServerResponse): Promise<number | undefined> {
    const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
    const admission = token === undefined ? undefined : this.#admissions.get(admissionKey(token));
    if (admission === undefined) return 403;
    const { method, url = '' } = request;
    const parcel = /^\/parcel\/(\d{1,7})$/.exec(url)?.[1];
    if (method === 'GET' && parcel !== undefined)
      return await this.#send(admission, Number(parcel), request, response);
    if (method !== 'POST') return 404;
    const body = await readBody(request);
    if (body === undefined) return 413;
    if (url === '/report') {
      admission.report(body);
      return 204;
    }
    const disk = parseDisk(body);
    if (url !== '/plan' || disk === undefined) return 404;
    const { text } = await admission.plan(disk);
    response.writeHead(200, { 'content-type': 'text/plain' }).end(text);
    return undefined;
  }

  async #send(
    admission: Admission,
    number: number,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<number | undefined> {
    const parcel = admission.parcel(number);
    if (parcel === undefined) return 404;
    const total = parcel.transferBytes;
    const from = Number(/^bytes=(\d{1,15})-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    if (from > 0 && from >= total) return 416;
    response.writeHead(from > 0 ? 206 : 200, {
      'content-type': 'application/octet-stream',
      'accept-ranges': 'bytes',
      'content-length': total - from,
      ...(from > 0 && { 'content-range': `bytes ${from}-${total - 1}/${total}` }),
    });
    const counted = async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        yield chunk;
        admission.sent(chunk.length);
      }
    };
    const signal = this.#stop.signal;
    await pipeline(Readable.from(counted(parcel.read(signal, from)), { objectMode: false }), response, {
      signal,
    });
    return undefined;
  }
}

/** Undefined for one that is longer than what nodes send. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
