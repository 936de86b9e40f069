import { provisionNodes } from '../cluster/provision-nodes.js';
import type { NodeName } from '../process/node-names.js';
import type { Terminal } from '../process/terminal.js';
import type { UpOptions } from './up.js';

/** `turingpi reinstall NODE…`: erases and installs nodes anew, one finished node at a time; asks first. */
export async function reinstall(
  nodes: readonly NodeName[],
  options: Omit<UpOptions, 'node'>,
  terminal: Terminal,
): Promise<number> {
  const named = { ...options, node: nodes };
  if (options.dryRun === true)
    return (await import('./plan.js')).plan({ ...named, reinstall: nodes }, terminal);
  return provisionNodes(named, terminal, { command: 'reinstall', reinstall: nodes });
}
