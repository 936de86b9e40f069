import { provisionNodes, type ProvisionOptions } from '../../cluster/provision-nodes.js';
import type { NodesNamed } from '../../process/node-names.js';
import type { Terminal } from '../../process/terminal.js';
import type { UpOptions } from '../up.js';

/** `turingpi node post-install NODES`: the last phase alone. */
export async function nodePostInstall(
  nodes: NodesNamed,
  options: Omit<UpOptions, 'node' | 'from' | 'until' | 'erase' | 'plan'>,
  terminal: Terminal,
): Promise<number> {
  const limited: ProvisionOptions = { ...options, from: 'post', ...(nodes === 'all' ? {} : { node: nodes }) };
  if (options.dryRun === true) return (await import('../plan.js')).plan(limited, terminal);
  return provisionNodes(limited, terminal, { command: 'node post-install' });
}
