import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/**
 * The address at which a node's SSH is reached: reserved for the node's whole life, refusing while nothing answers.
 */
export class NodePort implements AsyncDisposable {
  readonly #sockets = new Set<Socket>();
  #handler: ((socket: Socket) => void) | undefined;

  private constructor(
    private readonly server: Server,
    readonly host: string,
    readonly port: number,
  ) {
    server.on('connection', (socket) => this.#connect(socket));
  }

  /** @param port - 0 picks a free one. */
  static async reserve(host: string, port: number): Promise<NodePort> {
    const server = createServer().listen(port, host);
    await once(server, 'listening');
    return new NodePort(server, host, (server.address() as AddressInfo).port);
  }

  /** Lets connections through. */
  answer(handler: (socket: Socket) => void): void {
    this.#handler = handler;
  }

  /** Breaks every connection and refuses new ones. */
  silence(): void {
    this.#handler = undefined;
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.silence();
    const closed = once(this.server, 'close');
    this.server.close();
    await closed;
  }

  #connect(socket: Socket): void {
    socket.on('error', () => undefined); // a peer that goes away is no news
    if (this.#handler === undefined) {
      socket.resetAndDestroy(); // the nearest thing to a refused connection that keeps the port ours
      return;
    }
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    this.#handler(socket);
  }
}
