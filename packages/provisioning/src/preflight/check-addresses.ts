import { connect } from 'node:net';
import type { BmcClient } from '@turingpi/bmc';
import { type ClusterConfig, resolveNode } from '@turingpi/core/plugin';
import type { NodeId } from '@turingpi/foundation';
import { ProvisioningError } from '../provisioning-error.js';
import type { PreflightFinding } from './preflight-finding.js';

const SSH_PORT = 22;
/** In the same network an answer takes milliseconds. */
const ANSWER_MS = 1500;

/**
 * Finds addresses of nodes at which something answers although the node is off: they are those of other machines.
 *
 * @remarks Only SSH is asked, and nothing is sent. Silence proves nothing.
 */
export async function checkAddresses(
  config: ClusterConfig,
  options: { readonly client: BmcClient; readonly nodes: readonly NodeId[]; readonly signal: AbortSignal },
): Promise<readonly PreflightFinding[]> {
  const { client, nodes, signal } = options;
  if (nodes.length === 0) return [];
  const power = await client.power.get({ signal });
  const off = nodes.filter((id) => power[id] === 'off');
  const found = await Promise.all(
    off.map(async (id): Promise<readonly PreflightFinding[]> => {
      const { ipAddress, config: node } = resolveNode(config, id);
      if (node.ssh?.jump !== undefined) return []; // whoever answers here is on another network
      const { host = ipAddress, port = SSH_PORT } = node.ssh ?? {};
      if (!(await answers(host, port, signal))) return [];
      const error = new ProvisioningError(
        'ADDRESS_IN_USE',
        `an SSH server answers at ${host}, port ${port}, which is to be that of node ${id}, and node ${id} is off`,
        {
          hint: `Give node ${id} another address, or switch that machine off. If a reset has switched the node on unseen, \`turingpi node power off --node ${id} --hard\` makes it what the board says.`,
          details: { node: id, host, port },
        },
      );
      return [{ severity: 'error', about: `node${id}`, error }];
    }),
  );
  return found.flat();
}

/** Whether an SSH server introduces itself there: a port that is only taken may be that of something in between. */
async function answers(host: string, port: number, signal: AbortSignal): Promise<boolean> {
  signal.throwIfAborted();
  // Its own option `signal` would leave a listener behind for every node: Node.js takes it away at an abort alone.
  const socket = connect({ host, port });
  const abort = (): void => void socket.destroy();
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await new Promise<boolean>((resolve) => {
      socket.setTimeout(ANSWER_MS, () => resolve(false));
      socket.once('data', (bytes) => resolve(bytes.subarray(0, 4).toString() === 'SSH-'));
      socket.once('error', () => resolve(false)).once('close', () => resolve(false));
    });
  } finally {
    signal.removeEventListener('abort', abort);
    socket.on('error', () => undefined).destroy();
    signal.throwIfAborted();
  }
}
