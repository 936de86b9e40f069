import { setTimeout as sleep } from 'node:timers/promises';
import { RuntimeError } from '../runtime-error.js';
import type { SshSession } from './ssh-session.js';

/** How a node is shut down. */
export interface ShutDownOptions {
  readonly signal: AbortSignal;
  /** For the connection to end after the command, in milliseconds. */
  readonly timeoutMs: number;
}

/**
 * Asks a node to shut down and waits until its connection is over: its services are being stopped then, its disks may
 * still be written.
 *
 * @param session - A session on the node; it is over afterwards.
 * @throws RuntimeError `SSH_SUDO_REFUSED`, `COMMAND_FAILED`, `COMMAND_NOT_FOUND`, `SSH_TIMEOUT` when the node goes on;
 * the signal's reason.
 */
export async function shutDownNode(
  session: SshSession,
  { signal, timeoutMs }: ShutDownOptions,
): Promise<void> {
  try {
    try {
      await session.exec(['poweroff'], { sudo: true, signal, timeoutMs });
    } catch (error) {
      if (!isExpectedAtShutDown(error)) throw error;
    }
    const stop = new AbortController();
    const limit = sleep(timeoutMs, 'time is up', { signal: AbortSignal.any([signal, stop.signal]) });
    try {
      if ((await Promise.race([session.closed, limit])) === 'time is up')
        throw new RuntimeError('SSH_TIMEOUT', `${session.place} did not shut down within ${timeoutMs} ms.`, {
          hint: 'The command was accepted, but the node still runs.',
        });
    } finally {
      stop.abort();
      await limit.catch(() => undefined);
      signal.throwIfAborted();
    }
  } finally {
    await session[Symbol.asyncDispose]();
  }
}

/** The connection may break before the command is answered. */
function isExpectedAtShutDown(error: unknown): boolean {
  if (!(error instanceof RuntimeError)) return false;
  return (
    error.code === 'SSH_CONNECTION_LOST' ||
    (error.code === 'COMMAND_FAILED' && error.details['signal'] !== undefined)
  );
}
