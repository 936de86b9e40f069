import { connect } from 'node:tls';
import { rawPublicKey } from './identity.js';

const PATIENCE_MS = 3000;

/**
 * Asks what listens at a node's port for its certificate. The handshake proves that it has the private key: only the
 * installation whose image was given that one can answer as expected.
 */
export function askMachine({ host, port, hostKeys, signal }) {
  const expected = hostKeys.map(rawPublicKey).find((key) => key !== undefined);
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const socket = connect({ host, port, rejectUnauthorized: false, timeout: PATIENCE_MS });
    const end = (settle) => {
      signal.removeEventListener('abort', stop);
      socket.destroy();
      settle();
    };
    const answer = (found) => end(() => resolve(found));
    const stop = () => end(() => reject(signal.reason));
    signal.addEventListener('abort', stop, { once: true });
    const place = `port ${port} of ${host}`;
    socket
      .once('secureConnect', () => {
        const key = socket.getPeerX509Certificate()?.publicKey.export({ format: 'der', type: 'spki' });
        if (expected !== undefined && key?.subarray(-32).equals(expected)) answer({ answer: 'expected' });
        else answer({ answer: 'other', why: `${place} answers with the key of another installation` });
      })
      .once('timeout', () => answer({ answer: 'none', why: `${place} is silent` }))
      .on('error', ({ code, message }) => {
        const why = `${place} gives no certificate: ${code ?? message}`;
        // Whatever speaks another protocol is something else; a connection that breaks says nothing.
        if (code?.startsWith('ERR_SSL') || code === 'EPROTO') answer({ answer: 'other', why });
        else answer({ answer: 'none', why, refused: code === 'ECONNREFUSED' });
      });
  });
}
