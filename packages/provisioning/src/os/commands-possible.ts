import { ProvisioningError } from '../provisioning-error.js';
import type { OperatingSystem } from './operating-system.js';

type System = Pick<OperatingSystem, 'access' | 'title'>;

/** Whether anything can be done to nodes of an operating system after their installation. */
export function takesCommands({ access }: Pick<System, 'access'>): boolean {
  return access === 'ssh';
}

/** What to do instead, where nodes take no commands. */
export const COMMANDS_IMPOSSIBLE_HINT =
  'Leave the steps out: what must be on the node belongs into its image (`files`), the rest is done with its own tool.';

/**
 * Asked before anything is done to a node after its installation.
 *
 * @throws ProvisioningError `COMMANDS_IMPOSSIBLE` for a system whose nodes take no commands.
 */
export function assertCommandsPossible(system: System, hostname: string): void {
  if (!takesCommands(system))
    throw new ProvisioningError('COMMANDS_IMPOSSIBLE', `${system.title} on ${hostname} takes no commands`, {
      hint: COMMANDS_IMPOSSIBLE_HINT,
    });
}
