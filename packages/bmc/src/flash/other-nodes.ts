import { connect } from 'node:net';
import { type ClusterConfig, NODE_IDS, type NodeId } from '@turingpi/core/plugin';
import type { ConsoleApi } from '../api/console-api.js';
import type { PowerApi } from '../api/power-api.js';
import { BootRecognizer } from '../console/boot-recognizer.js';
import { BmcError } from '../errors/bmc-error.js';
import type { CallOptions } from '../session/call-options.js';

/** What is known about the modules that are not being flashed. */
export interface OtherNodes {
  /** Nodes that this configuration is responsible for: they may be switched off for a while when nothing runs on them. */
  readonly managed: readonly NodeId[];
  /** Whether a system answers on a node. */
  isRunning(node: NodeId, signal: AbortSignal | undefined): Promise<boolean>;
}

/** What the configuration says about the other modules: a node whose SSH port answers runs a system. */
export function configuredNodes(config: ClusterConfig): OtherNodes {
  return {
    managed: [...config.nodes.keys()],
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
 * @returns the nodes to switch off while flashing
 * @throws BmcError BMC_FLASH_OTHER_NODES_ON for such a node that is not ours to switch off
 */
export async function nodesToSwitchOff(
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
    if (showsSystem(await api.console.read(id, options).catch(() => ''))) continue;
    suspects.push(id);
  }
  const foreign = suspects.filter((id) => !others.managed.includes(id));
  if (foreign.length > 0) {
    throw new BmcError(
      'BMC_FLASH_OTHER_NODES_ON',
      `node ${foreign.join(', ')} is on and shows no sign of a system: the BMC could flash it instead of node ${target}`,
      {
        details: { target, nodes: foreign },
      },
    );
  }
  return suspects;
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
