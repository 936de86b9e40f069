import net from 'node:net';

const CONNECT_MS = 5000;

/**
 * Why nothing answers at a port, asked from this computer; undefined when something does.
 *
 * @throws The signal's reason.
 */
export function whyClosed(host: string, port: number, signal: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const socket = net.connect({ host, port });
    const onAbort = () => end(() => reject(signal.reason as Error));
    const end = (settle: () => void) => {
      signal.removeEventListener('abort', onAbort);
      socket.destroy();
      settle();
    };
    signal.addEventListener('abort', onAbort, { once: true });
    socket.setTimeout(CONNECT_MS, () => end(() => resolve(`port ${port} does not answer`)));
    socket.once('connect', () => end(() => resolve(undefined)));
    socket.once('error', ({ message }) => end(() => resolve(`port ${port}: ${message}`)));
  });
}
