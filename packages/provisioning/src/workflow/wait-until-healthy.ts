import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '@turingpi/core/plugin';
import { TuringPiError } from '@turingpi/foundation';
import { onNode } from '../post-install/on-node.js';
import { ProvisioningError } from '../provisioning-error.js';
import { whyClosed } from '../waiting/why-closed.js';

/** How it is told that a node does its work: something answers at a port, or a command on it succeeds. */
export type HealthCheck = ({ readonly port: number } | { readonly run: string | readonly string[] }) & {
  /** Default: ten minutes. */
  readonly timeoutMs?: number | undefined;
};

const TEN_MINUTES_MS = 600_000;
const LOOK_EVERY_MS = 2000;

/**
 * Waits until a node is healthy.
 *
 * @throws ProvisioningError `NODE_UNHEALTHY` when it is not in time; the signal's reason.
 */
export async function waitUntilHealthy(
  context: Context,
  check: HealthCheck,
  lookEveryMs = LOOK_EVERY_MS,
): Promise<string> {
  const { node, signal } = context;
  const { timeoutMs = TEN_MINUTES_MS } = check;
  const since = performance.now();
  for (;;) {
    const why =
      'port' in check
        ? await whyClosed(node.config.ssh?.host ?? node.ipAddress, check.port, signal)
        : await whyFailing(context, check.run);
    if (why === undefined) return 'healthy';
    if (performance.now() - since >= timeoutMs)
      throw new ProvisioningError(
        'NODE_UNHEALTHY',
        `${node.hostname} is not healthy after ${Math.round(timeoutMs / 1000)} s: ${why}`,
        { hint: 'It is installed, and up. Log in and look; the next run waits for it again.' },
      );
    await sleep(lookEveryMs, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

/** Why a command does not succeed on the node; undefined when it does. */
async function whyFailing(
  context: Context,
  command: string | readonly string[],
): Promise<string | undefined> {
  let exitCode: number | undefined;
  try {
    await onNode(context, async (_local, remote) => {
      ({ exitCode } = await remote.runCommand(command, { allowFailure: true }));
    });
  } catch (error) {
    context.signal.throwIfAborted();
    if (!TuringPiError.is(error) || error.category !== 'connection') throw error;
    return error.message;
  }
  const shown = typeof command === 'string' ? command : command.join(' ');
  return exitCode === 0 ? undefined : `${shown} ends with ${exitCode ?? 'nothing'}`;
}
