import { connect } from 'node:net';

/** How long a silent address is waited for, in milliseconds. */
const PATIENCE_MS = 2000;

/** Where a node is looked for. */
export interface NodeAddress {
  readonly host: string;
  /** TCP port. */
  readonly port: number;
  /** Whether `host` forwards to the node (port forwarding): a refusal then is the forwarder's, not the node's. */
  readonly forwarded: boolean;
}

/**
 * Whether something answers at an address within two seconds: a connection, or a refusal, which only a machine that is
 * there can send. A forwarder takes connections for a node that is off as well: there only a greeting counts.
 */
export function answersAt({ host, port, forwarded }: NodeAddress, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason as Error);
      return;
    }
    const socket = connect({ host, port, timeout: PATIENCE_MS });
    const end = (settle: () => void) => {
      signal.removeEventListener('abort', stop);
      socket.destroy();
      settle();
    };
    const stop = () => end(() => reject(signal.reason as Error));
    signal.addEventListener('abort', stop, { once: true });
    socket
      .once('connect', () => {
        if (!forwarded) end(() => resolve(true));
      })
      .once('data', () => end(() => resolve(true)))
      .once('close', () => end(() => resolve(false)))
      .once('timeout', () => end(() => resolve(false)))
      .on('error', ({ code }: NodeJS.ErrnoException) =>
        end(() => resolve(code === 'ECONNREFUSED' && !forwarded)),
      );
  });
}
