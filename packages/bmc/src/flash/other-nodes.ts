import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ClusterConfig, NODE_IDS, type NodeId } from '@turingpi/core/plugin';
import type { ConsoleApi } from '../api/console-api.js';
import type { PowerApi } from '../api/power-api.js';
import { BootRecognizer } from '../console/boot-recognizer.js';
import { BmcError } from '../errors/bmc-error.js';
import type { CallOptions } from '../session/call-options.js';

/** What is known about the modules that are not being flashed. */
export interface OtherNodes {
  /** Nodes that the user named: they may be switched off for a while when nothing runs on them. No other ever is. */
  readonly managed: readonly NodeId[];
  /** How long a node may take to show a system before it counts as one without, in milliseconds; default: at once. */
  readonly graceMs?: number;
  /** Whether a system answers on a node. */
  isRunning(node: NodeId, signal: AbortSignal | undefined): Promise<boolean>;
}

/** A node that was flashed and switched on a moment ago shows its kernel by then. */
const BOOT_GRACE_MS = 60_000;
const LOOK_AGAIN_MS = 1000;

/**
 * What the configuration says about the other modules: a node whose SSH port answers runs a system. That a node is in
 * the configuration does not say that it may be switched off for another one.
 */
export function configuredNodes(config: ClusterConfig): OtherNodes {
  return {
    managed: [],
    graceMs: BOOT_GRACE_MS,
    isRunning: async (node, signal) => {
      const entry = config.nodes.get(node);
      return (
        entry !== undefined && (await answers(entry.ssh?.host ?? entry.ip, entry.ssh?.port ?? 22, signal))
      );
    },
  };
}

/**
 * Modules on a board with a hub that are on and could be taken for the target.
 *
 * @remarks
 * On v2.5 boards the BMC takes the first module in USB boot that it sees, so a blank one in another slot would be
 * overwritten and success reported (API reference, section 9.4). A module with a system does not stay in USB boot.
 *
 * @returns the nodes to switch off while flashing; only ones that were named
 * @throws BmcError BMC_FLASH_OTHER_NODES_ON for such a node that was not named
 */
export async function nodesToSwitchOff(
  target: NodeId,
  others: OtherNodes,
  api: { readonly power: PowerApi; readonly console: ConsoleApi },
  options: CallOptions,
): Promise<readonly NodeId[]> {
  const { signal } = options;
  const until = performance.now() + (others.graceMs ?? 0);
  for (;;) {
    const suspects = await nodesWithoutSystem(target, others, api, options);
    const foreign = suspects.filter((id) => !others.managed.includes(id));
    if (foreign.length === 0) return suspects;
    if (performance.now() >= until) {
      throw new BmcError(
        'BMC_FLASH_OTHER_NODES_ON',
        `node ${foreign.join(', ')} is on and shows no sign of a system: the BMC could flash it instead of node ${target}`,
        {
          details: { target, nodes: foreign },
          hint: `Nothing else is switched off unasked. Do it yourself when that is right: turingpi power off --node ${foreign.join(',')}. Or say that other nodes are to be kept.`,
        },
      );
    }
    await sleep(LOOK_AGAIN_MS, undefined, signal ? { signal } : {}).catch(() => signal?.throwIfAborted());
  }
}

async function nodesWithoutSystem(
  target: NodeId,
  others: OtherNodes,
  api: { readonly power: PowerApi; readonly console: ConsoleApi },
  options: CallOptions,
): Promise<readonly NodeId[]> {
  const power = await api.power.get(options);
  const suspects: NodeId[] = [];
  for (const id of NODE_IDS) {
    if (id === target || power[id] === 'off') continue;
    if (await others.isRunning(id, options.signal)) continue;
    if (showsSystem(await readConsole(id, api, options))) continue;
    suspects.push(id);
  }
  return suspects;
}

/** What a console shows; a console that cannot be read shows nothing. */
async function readConsole(
  id: NodeId,
  api: { readonly console: ConsoleApi },
  options: CallOptions,
): Promise<string> {
  try {
    return await api.console.read(id, options);
  } catch {
    options.signal?.throwIfAborted();
    return '';
  }
}

/** Whether a console shows that more than a bootloader has run. */
export function showsSystem(text: string): boolean {
  return new BootRecognizer().feed(text).some(({ kind }) => kind !== 'bootloader');
}

function answers(host: string, port: number, signal: AbortSignal | undefined): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1000, ...(signal ? { signal } : {}) });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket
      .once('connect', () => end(true))
      .once('timeout', () => end(false))
      .on('error', () => end(false));
  });
}
