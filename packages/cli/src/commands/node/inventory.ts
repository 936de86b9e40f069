import { homedir } from 'node:os';
import path from 'node:path';
import { expandHome } from '@turingpi/core';
import { standingInstallation } from '@turingpi/core/plugin';
import { type InventoryFormat, inventoryNode, renderInventory } from '@turingpi/provisioning';
import { openBoards } from '../../cluster/open-boards.js';
import { namedNodes } from '../../node/named-nodes.js';
import { EXIT } from '../../process/exit-codes.js';
import type { NodesNamed } from '../../process/node-names.js';
import type { Terminal } from '../../process/terminal.js';
import type { NodeCommandOptions } from './node-command-options.js';

export interface InventoryCommandOptions extends Omit<NodeCommandOptions, 'json'> {
  readonly format: InventoryFormat;
  readonly node?: NodesNamed;
  /** The file of known hosts that the other forms refer to. */
  readonly knownHosts?: string;
}

/** `turingpi inventory --format FORM`: the nodes that are configured, for other programs. Nothing is reached. */
export async function inventory(options: InventoryCommandOptions, terminal: Terminal): Promise<number> {
  await using opened = await openBoards(options.config, terminal, { debug: options.verbose === true });
  const nodes = await Promise.all(
    namedNodes(opened, options.node ?? 'all').map(async ({ cluster, node }) => {
      const phases = (await cluster.status()).get(node.id);
      const installed = (await cluster.installedNode(node.id))?.installed;
      const record = standingInstallation(phases?.os_installation);
      return inventoryNode(node, installed, { record, username: cluster.config.ssh.username });
    }),
  );
  const knownHostsFile =
    options.knownHosts === undefined
      ? path.join(homedir(), '.ssh', 'turingpi_known_hosts')
      : path.resolve(terminal.cwd, expandHome(options.knownHosts));
  terminal.stdout.write(renderInventory(options.format, nodes, { knownHostsFile }));
  return EXIT.ok;
}
