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
  const before = await askToReboot(session, signal); // first of all: it closes the session also when nothing comes of it
  using deadline = new Deadline(timeoutMs, signal);
  for (;;) {
    const next = await waitForSsh(target, options);
    if (await isAnotherBoot(next, before, signal)) return next;
    await sleep(options.intervalMs ?? 1_000, undefined, { signal: deadline.signal }).catch(() => undefined);
    signal.throwIfAborted();
    if (deadline.expired)
      throw new RuntimeError('SSH_TIMEOUT', `${session.place} did not restart within ${timeoutMs} ms.`, {
        hint: 'The reboot command was accepted, but the node still runs as before.',
      });
  }
}

/** @returns the boot that ends; the session is over, whatever came of it */
async function askToReboot(session: SshSession, signal: AbortSignal): Promise<string> {
  try {
    const before = await bootId(session, signal);
    // Through systemd-run or `shutdown` the command would be answered; either way the connection may break first.
    await session.exec(['reboot'], { sudo: true, signal, timeoutMs: 60_000 }).catch((error: unknown) => {
      if (!isExpectedAtReboot(error)) throw error;
    });
    return before;
  } finally {
    await session[Symbol.asyncDispose]();
  }
}

/** Whether a session is one after the reboot; any other is closed. */
async function isAnotherBoot(session: SshSession, before: string, signal: AbortSignal): Promise<boolean> {
  let isAnother = false;
  try {
    isAnother = (await bootId(session, signal)) !== before;
    return isAnother;
  } catch (error) {
    // It let us in once more, and went down.
    if (error instanceof RuntimeError && error.code === 'SSH_CONNECTION_LOST') return false;
    throw error;
  } finally {
    if (!isAnother) await session[Symbol.asyncDispose]();
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
