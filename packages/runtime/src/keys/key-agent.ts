import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Secret } from '@turingpi/foundation';
import type { ParsedKey } from 'ssh2';
import { loadSsh2 } from '../load-ssh2.js';
import { AgentRequests } from './agent-requests.js';
import { parsePrivateKey } from './private-key.js';

/**
 * An SSH agent with one private key, for a program that is to log in with it: the key stays in this process, and is in no
 * file and no argument. Dispose of it when the program has ended.
 */
export class KeyAgent implements AsyncDisposable {
  readonly #connections = new Set<Socket>();

  private constructor(
    /** Where it listens: for `SSH_AUTH_SOCK`, or `IdentityAgent`. Only this user can reach it. */
    readonly socket: string,
    private readonly server: Server,
    private readonly directory: string | undefined,
  ) {}

  /** @throws RuntimeError `SSH_PRIVATE_KEY_INVALID`. */
  static async start(key: Secret, passphrase?: Secret): Promise<KeyAgent> {
    const parsed = parsePrivateKey(key, passphrase) as ParsedKey;
    const directory =
      process.platform === 'win32' ? undefined : await mkdtemp(join(tmpdir(), 'turingpi-agent-'));
    const socket =
      directory === undefined
        ? `\\\\.\\pipe\\turingpi-agent-${randomBytes(16).toString('hex')}`
        : join(directory, 'socket');
    const server = createServer((connection) => agent.#serve(connection, parsed));
    const agent = new KeyAgent(socket, server, directory);
    try {
      await new Promise<void>((resolve, reject) => server.once('error', reject).listen(socket, resolve));
    } catch (error) {
      await agent[Symbol.asyncDispose]();
      throw error;
    }
    return agent;
  }

  #serve(connection: Socket, key: ParsedKey): void {
    const { AgentProtocol } = loadSsh2();
    this.#connections.add(connection);
    const protocol = new AgentProtocol(false);
    protocol.on('identities', (request) => protocol.getIdentitiesReply(request, [key]));
    protocol.on('sign', (request, publicKey, data, { hash }) => {
      const isOurs = key.getPublicSSH().equals(publicKey.getPublicSSH());
      const signature = isOurs ? key.sign(data, hash) : undefined;
      if (Buffer.isBuffer(signature)) protocol.signReply(request, signature);
      else protocol.failureReply(request);
    });
    protocol.on('error', () => connection.destroy());
    connection.on('error', () => connection.destroy());
    connection.once('close', () => this.#connections.delete(connection));
    const requests = new AgentRequests((answer) => connection.write(answer));
    requests.on('error', () => connection.destroy());
    connection.pipe(requests).pipe(protocol).pipe(connection);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const connection of this.#connections) connection.destroy();
    await new Promise((resolve) => this.server.close(resolve));
    if (this.directory !== undefined) await rm(this.directory, { recursive: true, force: true });
  }
}
