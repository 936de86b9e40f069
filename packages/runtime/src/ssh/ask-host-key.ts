import type { Duplex } from 'node:stream';
import { loadSsh2 } from '../load-ssh2.js';
import { RuntimeError } from '../runtime-error.js';
import { dropConnection } from './drop-connection.js';
import { HostKeyPolicy } from './host-key-policy.js';
import { SSH_PORT, type SshTarget } from './ssh-target.js';

/** Who answers at an SSH address, told by its host key alone. */
export type HostKeyAnswer =
  /** The machine with one of the keys asked for. */
  | { readonly answer: 'expected' }
  /** Another machine, or another installation on it. */
  | { readonly answer: 'other'; readonly why: string }
  /** Nobody who proves anything; `refused` when a machine is there and its port is closed. */
  | { readonly answer: 'none'; readonly refused: boolean; readonly why: string };

export interface AskHostKeyOptions {
  readonly signal: AbortSignal;
  /** Milliseconds; default 2 seconds. */
  readonly timeoutMs?: number;
}

const TWO_SECONDS_MS = 2000;
/** For the server on the way to connect to one that is off: nobody else tells it sooner. */
const FORWARD_MS = 5000;
/** What a server on the way says of one that it cannot reach. */
const NOBODY: ReadonlySet<string> = new Set(['SSH_UNREACHABLE', 'SSH_TIMEOUT']);

/** A server that is asked for its host key. */
export interface AskedServer extends Pick<SshTarget, 'host' | 'port' | 'jump'> {
  readonly hostKeys: readonly string[];
}

/**
 * Asks a server for its host key: one key exchange, no login, nothing secret is sent to it. A server on the way is logged in
 * to.
 *
 * @throws RuntimeError `SSH_HOST_KEY_UNKNOWN` without keys, `SSH_PUBLIC_KEY_INVALID`; what a login on the server on the way
 * ends in; the signal's reason when it fires.
 */
export async function askHostKey(where: AskedServer, options: AskHostKeyOptions): Promise<HostKeyAnswer> {
  const { signal } = options;
  signal.throwIfAborted();
  const policy = new HostKeyPolicy({ ...where, username: 'nobody', auth: {} });
  if (where.jump === undefined) return ask(where, policy, options);
  // What is wrong on the way says nothing of who is at its end.
  const { connectClient } = await import('./connect-client.js');
  await using hop = await connectClient(where.jump, { signal });
  const sock = await hop
    .forward({ ...where, username: 'nobody', auth: {} }, { signal, connectTimeoutMs: FORWARD_MS })
    .catch((error: unknown) => {
      if (error instanceof RuntimeError && NOBODY.has(error.code)) return error;
      throw error;
    });
  if (sock instanceof Error) return { answer: 'none', refused: false, why: sock.message };
  return await ask(where, policy, { ...options, sock }); // the way there is needed until then
}

async function ask(
  where: AskedServer,
  policy: HostKeyPolicy,
  { signal, timeoutMs = TWO_SECONDS_MS, sock }: AskHostKeyOptions & { readonly sock?: Duplex },
): Promise<HostKeyAnswer> {
  const algorithms = policy.algorithms;
  const { Client } = loadSsh2();
  const client = new Client();
  try {
    return await new Promise<HostKeyAnswer>((resolve, reject) => {
      const stop = () => reject(signal.reason as Error);
      const limit = setTimeout(
        () => resolve({ answer: 'none', refused: false, why: `no answer within ${timeoutMs / 1000} s` }),
        timeoutMs,
      );
      const end = (settle: () => void) => {
        clearTimeout(limit);
        signal.removeEventListener('abort', stop);
        settle();
      };
      signal.addEventListener('abort', stop, { once: true });
      client
        .on('error', (error: NodeJS.ErrnoException & { readonly level?: string }) =>
          end(() => resolve(meaningOf(error))),
        )
        .on('close', () =>
          end(() => resolve({ answer: 'none', refused: false, why: 'it closed the connection' })),
        );
      client.connect({
        host: where.host,
        port: where.port ?? SSH_PORT,
        username: 'nobody',
        readyTimeout: 0, // ours is the limit
        ...(sock && { sock }),
        hostVerifier: (blob: Buffer, verify: (accepted: boolean) => void): void => {
          policy.accepts(blob).then(
            (accepted) => {
              const why = policy.refusal?.message ?? 'it showed another key';
              end(() => resolve(accepted ? { answer: 'expected' } : { answer: 'other', why }));
              verify(false); // the key is all that was wanted
            },
            () => verify(false),
          );
        },
        ...(algorithms === undefined ? {} : { algorithms: { serverHostKey: algorithms } }),
      });
    });
  } finally {
    client.on('error', () => undefined); // a late one must not take the process down
    dropConnection(client);
  }
}

function meaningOf(error: NodeJS.ErrnoException & { readonly level?: string }): HostKeyAnswer {
  if (error.level === 'handshake')
    return { answer: 'other', why: `it has none of the kinds of keys that are known: ${error.message}` };
  return { answer: 'none', refused: error.code === 'ECONNREFUSED', why: error.message };
}
