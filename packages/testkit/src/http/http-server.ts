import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BoardProfile } from '../board/board-profile.js';
import { IncomingRequest } from './incoming-request.js';
import { emptyReply, type Reply } from './reply.js';
import { sendReply } from './send-reply.js';

/** The board's port 80: an unauthenticated `/info`, and a redirect for everything else (bmc-api.md §1.1). */
export class HttpServer implements AsyncDisposable {
  readonly #server: Server;
  #address: { host: string; port: number };

  constructor(
    private readonly profile: BoardProfile,
    private readonly info: () => Reply,
    private readonly httpsPort: () => number,
    address: { readonly host: string; readonly port: number },
  ) {
    this.#address = { ...address };
    this.#server = createServer(
      (message, response) => void this.#serve(new IncomingRequest(message), response),
    );
  }

  get address(): { readonly host: string; readonly port: number } {
    return this.#address;
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#address.port, this.#address.host, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
    this.#address = { ...this.#address, port: (this.#server.address() as AddressInfo).port };
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    this.#server.closeAllConnections();
    await closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#server.listening) await this.close();
  }

  async #serve(request: IncomingRequest, response: ServerResponse): Promise<void> {
    const infoPath = this.profile.transfers23 ? '/info' : '/api/bmc/info';
    if (request.method === 'GET' && request.path === infoPath) {
      await sendReply(response, this.info());
      return;
    }
    // The port is always appended, also to a Host that has one: the daemon's own mistake.
    const location = `https://${request.header('host') ?? ''}:${this.httpsPort()}${request.target}`;
    await sendReply(response, emptyReply(308, { location }));
  }
}
