import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** Stands between a node and the server, and breaks connections: what a cable, a switch or a restart does. */
export class CuttingProxy implements AsyncDisposable {
  /** Connections that were cut. */
  cuts = 0;
  readonly #sockets = new Set<Socket>();
  readonly #seen: Buffer[] = [];

  private constructor(private readonly server: Server) {}

  /**
   * @param port - of the server
   * @param cutAfter - bytes towards the node after which the n-th connection, counted from 0, is cut; undefined lets it be
   */
  static async start(
    port: number,
    cutAfter: (connection: number) => number | undefined,
  ): Promise<CuttingProxy> {
    const server = createServer();
    const proxy = new CuttingProxy(server);
    let connections = 0;
    server.on('connection', (node) => {
      const limit = cutAfter(connections++);
      const upstream = connect(port, '127.0.0.1');
      let passed = 0;
      upstream.on('data', (bytes: Buffer) => {
        passed += bytes.length;
        if (limit === undefined || passed <= limit) return;
        proxy.cuts += 1;
        node.resetAndDestroy();
        upstream.destroy();
      });
      for (const socket of [node, upstream]) {
        proxy.#sockets.add(socket);
        socket.on('error', () => socket.destroy());
        socket.on('close', () => void proxy.#sockets.delete(socket));
      }
      for (const socket of [node, upstream])
        socket.on('data', (bytes: Buffer) => void proxy.#seen.push(bytes));
      node.pipe(upstream);
      upstream.pipe(node);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** All that went through it, in both directions. */
  get seen(): Buffer {
    return Buffer.concat(this.#seen);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}
