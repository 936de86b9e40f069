import { provisionNodes, type ProvisionOptions } from '../../cluster/provision-nodes.js';
import type { NodesNamed } from '../../process/node-names.js';
import type { Terminal } from '../../process/terminal.js';

/** `turingpi node post-install NODES`: the last phase alone. */
export function nodePostInstall(
  nodes: NodesNamed,
  options: Omit<ProvisionOptions, 'node' | 'from' | 'until' | 'erase' | 'plan'>,
  terminal: Terminal,
): Promise<number> {
  return provisionNodes({ ...options, from: 'post', ...(nodes === 'all' ? {} : { node: nodes }) }, terminal, {
    command: 'node post-install',
  });
}
