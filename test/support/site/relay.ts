import { once } from 'node:events';
import { connect, createServer, type NetConnectOpts, type Server, type Socket } from 'node:net';
import { Transform } from 'node:stream';

/** Passes connections on, until it is cut: what lies between two computers. */
export class Relay implements AsyncDisposable {
  readonly #sockets = new Set<Socket>();
  #isCut = false;
  /** How much later than it comes is passed on what the other side says, in milliseconds. */
  delayMs = 0;

  private constructor(private readonly server: Server) {}

  /**
   * @param at - where it listens: a port of 127.0.0.1 (0 for any free one), or the path of a UNIX socket
   * @param target - where it passes connections on to
   */
  static async start(at: number | string, target: NetConnectOpts): Promise<Relay> {
    const server = createServer();
    const relay = new Relay(server);
    server.on('connection', (near) => relay.#pass(near, target));
    if (typeof at === 'string') server.listen(at);
    else server.listen(at, '127.0.0.1');
    await once(server, 'listening');
    return relay;
  }

  /** Where it listens, when that is a port. */
  get port(): number {
    return (this.server.address() as { readonly port: number }).port;
  }

  /** How many connections there are through it. */
  get connections(): number {
    return this.#sockets.size / 2;
  }

  /** Ends every connection, and lets none pass until it is joined again. */
  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  join(): void {
    this.#isCut = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }

  #pass(near: Socket, target: NetConnectOpts): void {
    near.on('error', () => undefined);
    if (this.#isCut) {
      near.destroy();
      return;
    }
    const far = connect(target);
    far.on('error', () => undefined);
    near.pipe(far).pipe(this.#late()).pipe(near);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(one);
      one.once('close', () => {
        this.#sockets.delete(one);
        other.destroy();
      });
    }
  }

  /** Passes on what the other side says, as late as is said then. */
  #late(): Transform {
    return new Transform({
      transform: (bytes, _encoding, passOn) => {
        if (this.delayMs === 0) passOn(null, bytes);
        else setTimeout(passOn, this.delayMs, null, bytes);
      },
    });
  }
}
