import { setTimeout as sleep } from 'node:timers/promises';
import type { BmcClient } from '@turingpi/bmc';
import type { InstalledNode, TuringPi } from '@turingpi/core';
import { type NodeId, TuringPiError } from '@turingpi/foundation';
import { authenticationFor, wayTo } from '@turingpi/provisioning';
import { shutDownNode, type SshTarget } from '@turingpi/runtime';
import { SSH_RUNTIME } from '@turingpi/provisioning';

/** How a node was stopped before its power was switched off. */
export type Stopped =
  | { readonly how: 'was off' }
  | { readonly how: 'shut down' }
  /** `why` is the reason that its system was not, or not wholly, shut down. */
  | { readonly how: 'cut'; readonly why: string };

/** Limits of a shutdown in milliseconds. */
export const SHUT_DOWN_TIMINGS = {
  connectMs: 10_000,
  /** For the connection to end. */
  goneMs: 60_000,
  /** Afterwards, for the console to say that the system is down: services stop and disks are written until then. */
  settleMs: 15_000,
} as const;

const IS_DOWN = /reboot: (Power down|System halted)|Power[- ]?down\.$/im;

/**
 * Shuts a node's system down over SSH where that is possible: the node is configured, we have made its host key, and
 * there is something to log in with. Its power stays on.
 */
export async function shutDown(
  id: NodeId,
  { client, cluster }: { readonly client: BmcClient; readonly cluster: TuringPi | undefined },
  signal: AbortSignal,
): Promise<Stopped> {
  try {
    const target = cluster === undefined ? 'there is no configuration' : await targetOf(id, cluster);
    if (typeof target === 'string') return { how: 'cut', why: target };
    const ssh = cluster?.registry.service(SSH_RUNTIME);
    if (ssh === undefined) return { how: 'cut', why: 'there is no way to log in' };
    const { connectMs, goneMs, settleMs } = SHUT_DOWN_TIMINGS;
    const session = await ssh.connect(target, { signal, connectTimeoutMs: connectMs });
    const watching = new AbortController();
    const down = isDown(client, id, AbortSignal.any([signal, watching.signal]));
    try {
      await shutDownNode(session, { signal, timeoutMs: goneMs });
      const settled = sleep(settleMs, false, { signal: AbortSignal.any([signal, watching.signal]) });
      await Promise.race([down, settled]);
      watching.abort();
      await settled.catch(() => undefined);
      signal.throwIfAborted();
    } finally {
      watching.abort();
      await down;
    }
    return { how: 'shut down' };
  } catch (error) {
    signal.throwIfAborted();
    if (!TuringPiError.is(error)) throw error;
    return { how: 'cut', why: `${error.code}: ${error.message}` };
  }
}

/** Where and how to log in, or why not. */
async function targetOf(id: NodeId, cluster: TuringPi): Promise<SshTarget | string> {
  const { config } = cluster;
  const node = config.nodes.get(id);
  if (node === undefined) return 'it is not in the configuration';
  const record = (await cluster.status()).get(id)?.os_installation;
  const installed = record?.output as unknown as
    Pick<InstalledNode, 'hostKeys' | 'username' | 'ipAddress'> | undefined;
  if (record?.status !== 'completed' || installed === undefined) return 'no host key of it is on record';
  if (installed.username === undefined) return 'nobody can log in to it: its system has no SSH';
  const auth = await authenticationFor(
    { credentials: { bmc: config.bmc, ssh: config.ssh } },
    { password: undefined, sshKeys: [] },
  );
  if (auth.privateKey === undefined && auth.password === undefined && auth.agent === undefined)
    return 'there is nothing to log in with: see `ssh` in the configuration';
  return {
    ...wayTo({ config: node }),
    host: node.ssh?.host ?? installed.ipAddress,
    port: node.ssh?.port ?? 22,
    username: config.ssh.username ?? installed.username,
    auth,
    hostKeys: installed.hostKeys,
  };
}

/** Whether the console has said that the system is down; false when it cannot be followed. */
async function isDown(client: BmcClient, id: NodeId, signal: AbortSignal): Promise<boolean> {
  let tail = '';
  try {
    for await (const text of client.followConsole(id, { signal })) {
      tail = (tail + text).slice(-4096);
      if (IS_DOWN.test(tail)) return true;
    }
  } catch {
    // The console is a convenience here: without it the whole time is waited for.
  }
  // Fulfilled only when there is something to say: the race goes to the time otherwise.
  if (!signal.aborted)
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  return false;
}
