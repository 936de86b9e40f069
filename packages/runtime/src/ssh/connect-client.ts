import type { Client, ConnectConfig } from 'ssh2';
import { loadSsh2 } from '../load-ssh2.js';
import { authenticationHandler } from './authentication.js';
import { connectionFailure } from './connection-failure.js';
import { dropConnection } from './drop-connection.js';
import { HostKeyPolicy } from './host-key-policy.js';
import { ClientSshSession } from './client-ssh-session.js';
import { reusePackets } from './reuse-packets.js';
import type { ConnectSshOptions } from './connect-ssh-options.js';
import { SSH_PORT, type SshTarget } from './ssh-target.js';

const TWENTY_SECONDS_MS = 20_000;
const KEEPALIVE_MS = 15_000;
const RECONNECT_MS = 8_000;

/**
 * Connects and logs in, as `connectSsh`; the session forwards connections as well, for servers that lead to others.
 *
 * @throws RuntimeError and the signal's reason, as `connectSsh`.
 */
export async function connectClient(
  target: SshTarget,
  options: ConnectSshOptions,
): Promise<ClientSshSession> {
  const { signal } = options;
  signal.throwIfAborted();
  const policy = new HostKeyPolicy(target);
  const authHandler = authenticationHandler(target);
  const hop = target.jump === undefined ? undefined : await connectClient(target.jump, options);
  try {
    const sock = await hop?.forward(target, options);
    const client = await logIn(target, policy, { authHandler, ...(sock && { sock }) }, options);
    const hostKey = policy.presented ?? '';
    const again = (): Promise<ClientSshSession> =>
      connectClient(
        { ...target, hostKeys: [hostKey] },
        { signal: AbortSignal.timeout(RECONNECT_MS), connectTimeoutMs: RECONNECT_MS },
      );
    return new ClientSshSession(client, target, hostKey, again, hop);
  } catch (error) {
    await hop?.[Symbol.asyncDispose]();
    throw error;
  }
}

async function logIn(
  target: SshTarget,
  policy: HostKeyPolicy,
  how: Pick<ConnectConfig, 'authHandler' | 'sock'>,
  { signal, connectTimeoutMs = TWENTY_SECONDS_MS }: ConnectSshOptions,
): Promise<Client> {
  const { Client } = loadSsh2();
  const client = new Client();
  client.setMaxListeners(0); // every command listens for the end of the connection
  const algorithms = policy.algorithms;

  let ended = false;
  let loggedIn = false;
  await new Promise<void>((resolve, reject) => {
    const onAbort = (): void => {
      client.destroy();
      settle(() => reject(signal.reason as Error));
    };
    const onError = (error: Error): void =>
      settle(() => reject(connectionFailure(error, policy, connectTimeoutMs)));
    const onClose = (): void =>
      settle(() =>
        reject(connectionFailure(new Error('Connection lost before handshake'), policy, connectTimeoutMs)),
      );
    const settle = (end: () => void): void => {
      ended = true;
      signal.removeEventListener('abort', onAbort);
      client.off('error', onError).off('close', onClose);
      client.on('error', () => undefined); // a late one must not take the process down
      end();
    };
    signal.addEventListener('abort', onAbort, { once: true });
    client.on('error', onError).on('close', onClose);
    client.once('ready', () => {
      loggedIn = true;
      settle(resolve);
    });
    client.connect({
      host: target.host,
      port: target.port ?? SSH_PORT,
      username: target.username,
      readyTimeout: connectTimeoutMs,
      keepaliveInterval: KEEPALIVE_MS,
      keepaliveCountMax: 4,
      ...how,
      hostVerifier: (blob: Buffer, verify: (accepted: boolean) => void): boolean | undefined => {
        // Keys are exchanged again and again while a connection lives: what was judged is not asked about once more.
        if (loggedIn) return policy.isPresented(blob);
        // A connection that has ended meanwhile must not be told.
        const answer = (accepted: boolean): void => {
          if (!ended) verify(accepted);
        };
        policy.accepts(blob).then(answer, () => answer(false));
        return undefined;
      },
      ...(algorithms === undefined ? {} : { algorithms: { serverHostKey: algorithms } }),
    });
  }).catch((error: unknown) => {
    dropConnection(client);
    throw error;
  });
  reusePackets(client);
  return client;
}
