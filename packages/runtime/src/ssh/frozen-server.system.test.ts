import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectSsh } from './connect-ssh.js';
import { OpenSshLab } from './openssh.fixture.js';

const required = process.env['CI'] === 'true';
const signal = new AbortController().signal;

/** The way to a server, on which nothing comes through any more from a moment on, not even an end: its power was cut. */
class FreezingWay implements AsyncDisposable {
  readonly #sockets: Socket[] = [];
  private constructor(private readonly server: ReturnType<typeof createServer>) {}

  static async to(port: number): Promise<FreezingWay> {
    const server = createServer({ allowHalfOpen: true });
    const way = new FreezingWay(server);
    server.on('connection', (near) => {
      const far = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
      for (const socket of [near, far]) way.#sockets.push(socket.on('error', () => undefined));
      near.pipe(far).pipe(near);
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return way;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  freeze(): void {
    for (const socket of this.#sockets) socket.unpipe().pause();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await once(this.server.close(), 'close');
  }
}

describe.skipIf(OpenSshLab.missing.length > 0 && !required)(
  `a server from which nothing comes any more (needs ${OpenSshLab.needs})`,
  { timeout: 45_000 },
  () => {
    let node: OpenSshLab;
    let gate: OpenSshLab;
    beforeAll(async () => {
      const user = (name: string, uid: number) => ({ name, uid, password: 'unused' });
      node = await OpenSshLab.start({ users: [user('tpi-node', 4401)], sudoers: [] });
      gate = await OpenSshLab.start({ users: [user('tpi-gate', 4402)], sudoers: [] });
    });
    afterAll(async () => {
      await node[Symbol.asyncDispose]();
      await gate[Symbol.asyncDispose]();
    });

    it('is left all the same', async () => {
      await using way = await FreezingWay.to(node.port);
      const session = await connectSsh({ ...node.withKey('tpi-node'), port: way.port }, { signal });
      // From the second on commands are those of a shell that is kept.
      for (const said of ['one\n', 'two\n', 'three\n'])
        expect((await session.exec(['echo', said.trim()])).stdout).toBe(said);
      way.freeze();
      await session[Symbol.asyncDispose]();
    });

    it('is left behind another, too', async () => {
      await using way = await FreezingWay.to(node.port);
      const target = { ...node.withKey('tpi-node'), port: way.port, jump: gate.withKey('tpi-gate') };
      const session = await connectSsh(target, { signal });
      expect((await session.exec(['echo', 'one'])).stdout).toBe('one\n');
      way.freeze();
      await session[Symbol.asyncDispose]();
    });

    it('is left where the one between is it', async () => {
      await using way = await FreezingWay.to(gate.port);
      const jump = { ...gate.withKey('tpi-gate'), port: way.port };
      const session = await connectSsh({ ...node.withKey('tpi-node'), jump }, { signal });
      expect((await session.exec(['echo', 'one'])).stdout).toBe('one\n');
      way.freeze();
      await session[Symbol.asyncDispose]();
    });
  },
);
