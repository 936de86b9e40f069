import { provisionNodes, type ProvisionOptions } from '../cluster/provision-nodes.js';
import type { Terminal } from '../process/terminal.js';

/**
 * `turingpi up`: brings every configured node (or some) to what the configuration says. A finished node whose settings
 * changed is left as it is and said to need a reinstallation.
 */
export async function up(options: UpOptions, terminal: Terminal): Promise<number> {
  if (options.dryRun !== true) return provisionNodes(options, terminal, { command: 'up' });
  return (await import('./plan.js')).plan(options, terminal);
}

export interface UpOptions extends ProvisionOptions {
  /** The plan alone. */
  readonly dryRun?: boolean;
}
