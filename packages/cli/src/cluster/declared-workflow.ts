import type { NodeHooks, Workflow } from '@turingpi/core';
import { declarativeHooks, declarativeWorkflow } from '@turingpi/provisioning';
import type { Terminal } from '../process/terminal.js';
import type { BoardFile, OpenedCluster } from './open-cluster.js';

/**
 * The workflow that an opened configuration declares.
 *
 * @param options - `force`: base images that were made for another board or system are taken; `strategyForNow`: how nodes
 * are installed, whatever the configuration says
 * @throws ConfigError `CONFIG_INVALID`
 */
export function declaredWorkflow(
  { cluster, file }: Pick<OpenedCluster, 'cluster' | 'file'>,
  { environment }: Terminal,
  {
    force = false,
    strategyForNow,
  }: { readonly force?: boolean; readonly strategyForNow?: string | undefined } = {},
): Workflow {
  return declarativeWorkflow(cluster, { ...placeIn(file), environment, force, strategyForNow });
}

/** What the configuration has done around the installation of its nodes. */
export function hooksOf({ cluster, file }: Pick<OpenedCluster, 'cluster' | 'file'>): NodeHooks {
  return declarativeHooks(cluster, placeIn(file));
}

/** Where keys of a configuration are, for messages about its workflow. */
export function placeIn({
  source,
  placeOf,
  pathInWhole,
}: BoardFile): Pick<BoardFile, 'source' | 'placeOf' | 'pathInWhole'> {
  return { source, placeOf, ...(pathInWhole === undefined ? {} : { pathInWhole }) };
}
