import { provisionNodes, type ProvisionOptions } from '../cluster/provision-nodes.js';
import type { Terminal } from '../process/terminal.js';

/**
 * `turingpi up`: brings every configured node (or some) to what the configuration says. A finished node whose settings
 * changed is left as it is and said to need a reinstallation.
 */
export function up(options: ProvisionOptions, terminal: Terminal): Promise<number> {
  return provisionNodes(options, terminal, { command: 'up' });
}
