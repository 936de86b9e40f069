import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { IncomingRequest } from './incoming-request.js';
import { NO_REPLY, type Reply } from './reply.js';
import { sendReply } from './send-reply.js';

/** A port of the board that speaks plain HTTP; without a reply a connection stays open and silent. */
export class HttpServer implements AsyncDisposable {
  readonly #server: Server;
  #address: { host: string; port: number };

  constructor(
    private readonly answer: (request: IncomingRequest) => Reply | typeof NO_REPLY,
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
    const reply = this.answer(request);
    if (reply !== NO_REPLY) await sendReply(response, reply);
  }
}
