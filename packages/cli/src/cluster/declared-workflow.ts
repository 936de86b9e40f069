import type { Workflow } from '@turingpi/core';
import { declarativeWorkflow } from '@turingpi/provisioning';
import type { Terminal } from '../process/terminal.js';
import type { OpenedCluster } from './open-cluster.js';

/**
 * The workflow that an opened configuration declares.
 *
 * @param options - `force`: base images that were made for another board or system are taken
 * @throws ConfigError `CONFIG_INVALID`
 */
export function declaredWorkflow(
  { cluster, file }: OpenedCluster,
  { environment }: Terminal,
  { force = false }: { readonly force?: boolean } = {},
): Workflow {
  const { source, placeOf } = file;
  return declarativeWorkflow(cluster, { source, placeOf, environment, force });
}
