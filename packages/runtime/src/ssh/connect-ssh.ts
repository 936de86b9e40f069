import type { ConnectSshOptions } from './connect-ssh-options.js';
import type { SshSession } from './ssh-session.js';
import type { SshTarget } from './ssh-target.js';

/**
 * Connects and logs in. The host key is verified before any credential leaves this machine.
 *
 * @throws RuntimeError `SSH_UNREACHABLE`, `SSH_TIMEOUT`, `SSH_HOST_KEY_MISMATCH`, `SSH_HOST_KEY_UNKNOWN`,
 * `SSH_AUTH_REFUSED`, `SSH_AUTH_MISSING`, `SSH_PRIVATE_KEY_INVALID`, `SSH_PUBLIC_KEY_INVALID`, `SSH_PROTOCOL`;
 * the signal's reason when it fires.
 */
export async function connectSsh(target: SshTarget, options: ConnectSshOptions): Promise<SshSession> {
  const { connectClient } = await import('./connect-client.js'); // commands that reach no node start without it
  return connectClient(target, options);
}
