import type { Context, InstalledNode } from '@turingpi/core/plugin';
import { nodeArgument } from '@turingpi/foundation';
import { ProvisioningError } from '../provisioning-error.js';

/**
 * The installation of a context's node that is on record.
 *
 * @throws ProvisioningError `NODE_NOT_INSTALLED` when none stands.
 */
export async function installationOf({
  node,
  installedNode,
}: Pick<Context, 'node' | 'installedNode'>): Promise<InstalledNode> {
  const standing = await installedNode(node.id);
  if (standing !== undefined) return standing.installed;
  throw new ProvisioningError('NODE_NOT_INSTALLED', `no installation of ${node.hostname} is on record`, {
    hint: `\`turingpi adopt ${nodeArgument(node.id, node.board)}\` makes a record of what runs there.`,
  });
}
