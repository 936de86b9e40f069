import { provisionNodes, type ProvisionOptions } from '../cluster/provision-nodes.js';
import type { NodeName } from '../process/node-names.js';
import type { Terminal } from '../process/terminal.js';

/** `turingpi reinstall NODE…`: erases and installs nodes anew, one finished node at a time; asks first. */
export function reinstall(
  nodes: readonly NodeName[],
  options: Omit<ProvisionOptions, 'node'>,
  terminal: Terminal,
): Promise<number> {
  return provisionNodes({ ...options, node: nodes }, terminal, { command: 'reinstall', reinstall: nodes });
}
