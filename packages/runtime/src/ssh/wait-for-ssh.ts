import { setTimeout as sleep } from 'node:timers/promises';
import { Deadline } from '../command/deadline.js';
import { RuntimeError, type RuntimeErrorCode } from '../runtime-error.js';
import { connectSsh } from './connect-ssh.js';
import type { SshSession } from './ssh-session.js';
import { describeTarget, type SshTarget } from './ssh-target.js';

/** Why a node is not up yet, as the last attempt saw it. */
export interface SshAttempt {
  /** Counted from one. */
  readonly attempt: number;
  readonly code: RuntimeErrorCode;
  readonly message: string;
  /** Milliseconds since waiting began. */
  readonly elapsedMs: number;
}

export interface WaitForSshOptions {
  readonly signal: AbortSignal;
  /** How long to go on trying; milliseconds, default 10 minutes. */
  readonly timeoutMs?: number;
  /** Pause between attempts; milliseconds, default 1 second. */
  readonly intervalMs?: number;
  /** For one attempt; milliseconds, default 10 seconds. */
  readonly connectTimeoutMs?: number;
  /**
   * How long a node may go on refusing the login, or showing a wrong host key, before waiting any longer is useless;
   * milliseconds, default 2 minutes. A first boot makes users and keys while SSH answers already.
   */
  readonly refusalGraceMs?: number;
  /** Told of every attempt that failed. */
  readonly onAttempt?: (attempt: SshAttempt) => void;
}

const WORTH_WAITING: ReadonlySet<string> = new Set<RuntimeErrorCode>([
  'SSH_UNREACHABLE',
  'SSH_TIMEOUT',
  'SSH_PROTOCOL',
  'SSH_CONNECTION_LOST',
  'SSH_CHANNEL_REFUSED',
  'SSH_NO_SHELL',
  'SSH_AUTH_REFUSED',
  'SSH_HOST_KEY_MISMATCH',
]);

const REFUSALS: ReadonlySet<string> = new Set<RuntimeErrorCode>([
  'SSH_CHANNEL_REFUSED',
  'SSH_NO_SHELL',
  'SSH_AUTH_REFUSED',
  'SSH_HOST_KEY_MISMATCH',
]);

/**
 * Waits until a node answers with the expected host key, lets us in and runs a command.
 *
 * @returns The open session.
 * @throws RuntimeError the last attempt's own code (`SSH_UNREACHABLE`, `SSH_AUTH_REFUSED`, `SSH_HOST_KEY_MISMATCH`, ...),
 * its message saying how long it was tried; `SSH_PASSWORD_EXPIRED` at once; the signal's reason when it fires.
 */
export async function waitForSsh(target: SshTarget, options: WaitForSshOptions): Promise<SshSession> {
  const { signal, timeoutMs = 600_000, intervalMs = 1_000, refusalGraceMs = 120_000 } = options;
  const began = performance.now();
  using deadline = new Deadline(timeoutMs, signal);
  let last: RuntimeError | undefined;
  let refusedSince: { readonly code: string; readonly at: number } | undefined;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await openUsable(target, deadline.signal, options.connectTimeoutMs ?? 10_000);
    } catch (error) {
      signal.throwIfAborted();
      if (deadline.expired) throw gaveUp(target, last, timeoutMs);
      if (!(error instanceof RuntimeError) || !WORTH_WAITING.has(error.code)) throw error;
      last = error;
      const now = performance.now();
      options.onAttempt?.({ attempt, code: error.code, message: error.message, elapsedMs: now - began });
      if (!REFUSALS.has(error.code)) refusedSince = undefined;
      else if (refusedSince?.code !== error.code) refusedSince = { code: error.code, at: now };
      else if (now - refusedSince.at >= refusalGraceMs) throw gaveUp(target, error, now - began);
    }
    // When the pause is cut short, the next attempt fails at once and ends the loop above.
    await sleep(intervalMs, undefined, { signal: deadline.signal }).catch(() => undefined);
  }
}

/** Being let in is not enough: a system that is still starting, or wants a new password, runs no commands. */
async function openUsable(
  target: SshTarget,
  signal: AbortSignal,
  connectTimeoutMs: number,
): Promise<SshSession> {
  const session = await connectSsh(target, { signal, connectTimeoutMs });
  try {
    await session.exec(['true'], { signal, timeoutMs: 30_000 });
    return session;
  } catch (error) {
    await session[Symbol.asyncDispose]();
    if (
      error instanceof RuntimeError &&
      ['COMMAND_FAILED', 'COMMAND_TIMEOUT', 'COMMAND_STILL_RUNNING'].includes(error.code)
    )
      throw new RuntimeError(
        'SSH_PROTOCOL',
        `${describeTarget(target)} lets us in but runs no commands yet.`,
        {
          cause: error,
        },
      );
    throw error;
  }
}

function gaveUp(target: SshTarget, last: RuntimeError | undefined, waitedMs: number): RuntimeError {
  const waited = `${String(Math.round(waitedMs / 100) / 10)} s`;
  if (last === undefined)
    return new RuntimeError('SSH_TIMEOUT', `${describeTarget(target)} did not answer within ${waited}.`);
  return new RuntimeError(
    last.code,
    `${describeTarget(target)} was not up after ${waited}: ${last.message}`,
    {
      cause: last,
      hint: last.hint,
      details: { ...last.details, waitedMs: Math.round(waitedMs) },
    },
  );
}
