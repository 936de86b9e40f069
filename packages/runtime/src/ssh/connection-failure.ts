import { RuntimeError } from '../runtime-error.js';
import type { HostKeyPolicy } from './host-key-policy.js';
import { describeTarget } from './ssh-target.js';

interface Ssh2Error extends Error {
  /** Where in the client it arose: `client-socket`, `client-timeout`, `client-authentication`, `client-dns`, ... */
  readonly level?: string;
  readonly code?: string | number;
}

const UNREACHABLE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused: nothing listens there',
  EHOSTUNREACH: 'there is no way to that address',
  ENETUNREACH: 'there is no way to that network',
  EHOSTDOWN: 'the machine is down',
  ENOTFOUND: 'the name is not known',
  EAI_AGAIN: 'the name could not be looked up',
  EADDRNOTAVAIL: 'that address cannot be used',
  EACCES: 'this machine does not let us connect there',
  EPERM: 'this machine does not let us connect there',
};

const BROKEN = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED']);

/** Turns what the SSH client reports before a session is open into a coded error. */
export function connectionFailure(cause: unknown, policy: HostKeyPolicy, timeoutMs: number): RuntimeError {
  if (policy.refusal !== undefined) return policy.refusal;
  const error = (cause instanceof Error ? cause : new Error(String(cause))) as Ssh2Error;
  const place = describeTarget(policy.target);
  const details = { host: policy.target.host, port: policy.target.port, reason: error.code ?? error.level };
  const code = String(error.code ?? '');

  if (/no matching host key format/i.test(error.message))
    return policy.mismatch('it has no host key of an expected type', cause);
  if (error.level === 'client-authentication')
    return new RuntimeError('SSH_AUTH_REFUSED', `${place} refused the login.`, {
      cause,
      details,
    });
  if (error.level === 'client-timeout' || code === 'ETIMEDOUT')
    return new RuntimeError('SSH_TIMEOUT', `${place} did not answer within ${timeoutMs} ms.`, {
      cause,
      details,
    });
  const why = UNREACHABLE[code];
  if (why !== undefined)
    return new RuntimeError('SSH_UNREACHABLE', `${place} cannot be reached: ${why}.`, { cause, details });
  if (BROKEN.has(code) || /connection lost before handshake|socket.*(closed|ended)/i.test(error.message))
    return new RuntimeError('SSH_UNREACHABLE', `${place} cannot be reached: the connection was cut off.`, {
      cause,
      details,
    });
  return new RuntimeError('SSH_PROTOCOL', `${place} did not speak SSH as expected: ${error.message}`, {
    cause,
    details,
  });
}
