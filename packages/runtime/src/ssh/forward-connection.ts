import type { Duplex } from 'node:stream';
import type { Client, ClientChannel } from 'ssh2';
import { Deadline } from '../command/deadline.js';
import { RuntimeError } from '../runtime-error.js';
import { describeTarget, SSH_PORT, type SshTarget } from './ssh-target.js';

/** How long a connection through a server may take. */
export interface ForwardLimits {
  readonly signal: AbortSignal;
  /** Milliseconds; default 20 seconds. */
  readonly connectTimeoutMs?: number;
}

const TWENTY_SECONDS_MS = 20_000;

/**
 * Has a server that we are logged in to connect to another one.
 *
 * @throws RuntimeError `SSH_UNREACHABLE`, also when the server forwards nothing; `SSH_TIMEOUT`; the signal's reason.
 */
export async function forwardConnection(
  client: Client,
  through: string,
  to: SshTarget,
  { signal, connectTimeoutMs = TWENTY_SECONDS_MS }: ForwardLimits,
): Promise<Duplex> {
  using deadline = new Deadline(connectTimeoutMs, signal);
  const place = describeTarget(to);
  const details = { host: to.host, port: to.port, through };
  let given: ClientChannel | undefined;
  const opened = new Promise<Duplex>((resolve, reject) => {
    const fail = (cause: unknown): void =>
      reject(
        new RuntimeError(
          'SSH_UNREACHABLE',
          `${place} cannot be reached through ${through}: ${reasonOf(cause)}.`,
          {
            cause,
            hint: 'The server between must reach the address, and allow TCP forwarding (AllowTcpForwarding in its sshd_config).',
            details,
          },
        ),
      );
    client.once('close', () => fail(new Error('the connection to it was lost')));
    deadline.signal.addEventListener('abort', () => reject(deadline.signal.reason as Error), { once: true });
    try {
      client.forwardOut(
        '127.0.0.1',
        0,
        to.host,
        to.port ?? SSH_PORT,
        (cause, channel: ClientChannel | undefined) => {
          if (channel === undefined) fail(cause);
          else if (deadline.signal.aborted) channel.destroy();
          else resolve((given = channel));
        },
      );
    } catch (cause) {
      fail(cause); // ssh2 throws when it already knows that the connection is gone
    }
  });
  try {
    return await opened;
  } catch (error) {
    given?.destroy();
    if (!deadline.expired || error !== deadline.signal.reason) throw error;
    throw new RuntimeError(
      'SSH_TIMEOUT',
      `${place} did not answer through ${through} within ${connectTimeoutMs} ms.`,
      {
        details,
      },
    );
  }
}

function reasonOf(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  return message.replace(/^\(SSH\) Channel open failure: /, '').replace(/\.$/, '') || 'it forwards nothing';
}
