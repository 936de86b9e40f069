import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { BmcClient, Finding } from '@turingpi/bmc';
import type { TuringPi } from '@turingpi/core';
import { resolveNode } from '@turingpi/core/plugin';
import type { NodeId } from '@turingpi/foundation';
import { describeHostFirewall, readHostFirewall } from '@turingpi/provisioning';
import { readBootReport } from './boot-report.js';

/** What decides how a node can be installed, and what would start it. */
export type NodeFinding = Omit<Finding, 'code' | 'repair'> & {
  readonly code: 'NODE_MODULE' | 'NODE_BOOT' | 'NODE_ROUTE' | 'NODE_FIREWALL';
};

/** Any: nothing is sent to it. */
const PORT = 9;

/** What is known of nodes without switching them on: their modules, their last start, and the way to them. */
export async function nodeFindings(
  { client, cluster }: { readonly client: BmcClient; readonly cluster: TuringPi | undefined },
  nodes: readonly NodeId[],
  signal: AbortSignal,
): Promise<readonly NodeFinding[]> {
  const notes = await client.board.nodeNotes({ signal }).catch(() => undefined); // older firmware has none
  const { consoleKeepsHistory } = await client.capabilities({ signal });
  const found: NodeFinding[] = [];
  for (const id of nodes) {
    const configured = cluster?.config.nodes.has(id) === true ? resolveNode(cluster.config, id) : undefined;
    const noted = notes?.[id].moduleName ?? notes?.[id].name;
    found.push(
      note('NODE_MODULE', `node ${id} is ${named(configured?.board, noted)}`),
      // Where reading takes what is read, it is left to who watches the console.
      ...(consoleKeepsHistory ? lastStart(id, await client.console.read(id, { signal })) : []),
      ...(configured === undefined
        ? []
        : [await wayTo(id, configured.ipAddress), await wayBack(id, configured.ipAddress, signal)]),
    );
  }
  return found;
}

function named(configured: string | undefined, noted: string | undefined): string {
  const what = configured === undefined ? 'in no configuration' : `a ${configured} in the configuration`;
  return noted === undefined ? what : `${what}; the board has noted ${JSON.stringify(noted)}`;
}

function lastStart(id: NodeId, text: string): readonly NodeFinding[] {
  const { bootLoader, nvme, nvmeIsBootable, nvmePartitions } = readBootReport(text);
  const by = bootLoader === undefined ? 'a boot loader that is not seen' : `U-Boot ${bootLoader}`;
  if (nvmeIsBootable)
    return [
      {
        ...note(
          'NODE_BOOT',
          `node ${id} was started by ${by}, which found a system on its NVMe (${nvme ?? ''})`,
        ),
        severity: 'warning',
        hint: 'It may start that instead of what is installed to the eMMC. `install.target: nvme:SERIAL` of the strategy `network` replaces it.',
      },
    ];
  const disk = nvme ?? (nvmePartitions && `partitions ${nvmePartitions}`);
  if (bootLoader === undefined && disk === undefined)
    return [
      note(
        'NODE_BOOT',
        `the board holds nothing of how node ${id} started: switched on anew, look within a minute`,
      ),
    ];
  return [
    note(
      'NODE_BOOT',
      `node ${id} was started by ${by}, ${disk === undefined ? 'and no NVMe was seen' : `with an NVMe (${disk})`}`,
    ),
  ];
}

async function wayTo(id: NodeId, address: string): Promise<NodeFinding> {
  const socket = createSocket('udp4');
  try {
    socket.connect(PORT, address);
    await once(socket, 'connect');
    return note('NODE_ROUTE', `node ${id} (${address}) sees this computer as ${socket.address().address}`);
  } catch {
    return {
      ...note('NODE_ROUTE', `this computer has no route to node ${id} (${address})`),
      severity: 'error',
      hint: 'Connect it to the network of the nodes, or correct the address.',
    };
  } finally {
    socket.close();
  }
}

/** Whether a node that pulls its system from this computer is let in. */
async function wayBack(id: NodeId, address: string, signal: AbortSignal): Promise<NodeFinding> {
  const firewall = await readHostFirewall(signal);
  return {
    ...note('NODE_FIREWALL', `node ${id}: ${describeHostFirewall(firewall, address)}`),
    ...(firewall.incoming !== 'open' && {
      hint: 'Only an installation over the network needs it: the node pulls its system from a free port of this computer. Firewalls in between, VLANs and access points that keep clients apart are not seen from here.',
    }),
  };
}

function note(code: NodeFinding['code'], message: string): NodeFinding {
  return { code, severity: 'note', message, fixable: false };
}
