import { loadSsh2 } from '../load-ssh2.js';
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

/**
 * Asks a server for its host key: one key exchange, no login, nothing secret is sent.
 *
 * @throws RuntimeError `SSH_HOST_KEY_UNKNOWN` without keys, `SSH_PUBLIC_KEY_INVALID`; the signal's reason when it fires.
 */
export async function askHostKey(
  where: Pick<SshTarget, 'host' | 'port'> & { readonly hostKeys: readonly string[] },
  { signal, timeoutMs = TWO_SECONDS_MS }: AskHostKeyOptions,
): Promise<HostKeyAnswer> {
  signal.throwIfAborted();
  const policy = new HostKeyPolicy({ ...where, username: 'nobody', auth: {} });
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
    client.end();
    client.destroy();
  }
}

function meaningOf(error: NodeJS.ErrnoException & { readonly level?: string }): HostKeyAnswer {
  if (error.level === 'handshake')
    return { answer: 'other', why: `it has none of the kinds of keys that are known: ${error.message}` };
  return { answer: 'none', refused: error.code === 'ECONNREFUSED', why: error.message };
}
