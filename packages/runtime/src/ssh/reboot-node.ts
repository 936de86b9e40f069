import { setTimeout as sleep } from 'node:timers/promises';
import { Deadline } from '../command/deadline.js';
import { RuntimeError } from '../runtime-error.js';
import type { SshSession } from './ssh-session.js';
import type { SshTarget } from './ssh-target.js';
import { waitForSsh, type WaitForSshOptions } from './wait-for-ssh.js';

const BOOT_ID = '/proc/sys/kernel/random/boot_id';

/**
 * Restarts a node and waits until it is up again: same host key, same login, another boot.
 *
 * @param session - A session on the node; it is over afterwards.
 * @returns A new session.
 * @throws RuntimeError as {@link waitForSsh}, and `SSH_TIMEOUT` when the node never went down.
 */
export async function rebootNode(
  session: SshSession,
  target: SshTarget,
  options: WaitForSshOptions,
): Promise<SshSession> {
  const { signal, timeoutMs = 600_000 } = options;
  using deadline = new Deadline(timeoutMs, signal);
  const before = await bootId(session, signal);
  try {
    // Through systemd-run or `shutdown` the command would be answered; either way the connection may break first.
    await session.exec(['reboot'], { sudo: true, signal, timeoutMs: 60_000 });
  } catch (error) {
    if (!isExpectedAtReboot(error)) throw error;
  }
  await session[Symbol.asyncDispose]();
  for (;;) {
    const next = await waitForSsh(target, options);
    if ((await bootId(next, signal)) !== before) return next;
    await next[Symbol.asyncDispose]();
    await sleep(options.intervalMs ?? 1_000, undefined, { signal: deadline.signal }).catch(() => undefined);
    signal.throwIfAborted();
    if (deadline.expired)
      throw new RuntimeError('SSH_TIMEOUT', `${session.place} did not restart within ${timeoutMs} ms.`, {
        hint: 'The reboot command was accepted, but the node still runs as before.',
      });
  }
}

async function bootId(session: SshSession, signal: AbortSignal): Promise<string> {
  return (await session.exec(['cat', BOOT_ID], { signal, timeoutMs: 60_000 })).stdout.trim();
}

function isExpectedAtReboot(error: unknown): boolean {
  if (!(error instanceof RuntimeError)) return false;
  return (
    error.code === 'SSH_CONNECTION_LOST' ||
    (error.code === 'COMMAND_FAILED' && error.details['signal'] !== undefined)
  );
}
