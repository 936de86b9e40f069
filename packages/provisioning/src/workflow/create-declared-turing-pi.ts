import path from 'node:path';
import {
  type ClusterConfig,
  type TuringPiConfig,
  configInvalid,
  examineCluster,
  type ParseConfigOptions,
  ConfigError,
  type PluginDiscovery,
  type PluginRegistry,
  registryOf,
  createTuringPi,
  type CreateTuringPiOptions,
  examineDrivers,
  missable,
  type TuringPi,
} from '@turingpi/core/plugin';

import { silentLogger, type NodeId } from '@turingpi/foundation';

import { actionsOf } from '../action/actions.js';
import { BOARDS } from '../board/boards.js';
import { strategiesFor } from '../installation/strategies.js';
import { OPERATING_SYSTEMS } from '../os/operating-systems.js';
import { checkWorkflow, type CheckWorkflowOptions } from './check-workflow.js';

/** How a cluster is made whose workflow is declared in its configuration. */
export interface CreateDeclaredOptions extends CreateTuringPiOptions {
  /** Nodes that are about to run; the workflow of others is not looked into. Default: all that are configured. */
  readonly nodes?: readonly NodeId[];
}

/**
 * Like {@link createTuringPi}, for a configuration with a `workflow` section: everything that is wrong in it, in this
 * section too, is found before anything is opened or reached, and told together.
 *
 * @throws As {@link createTuringPi}.
 */
export async function createDeclaredTuringPi(
  input: TuringPiConfig,
  options: CreateDeclaredOptions = {},
): Promise<TuringPi> {
  let cluster: TuringPi;
  try {
    cluster = await createTuringPi(input, options);
  } catch (error) {
    if (error instanceof ConfigError && error.details['issues'] !== undefined)
      throw await withEverythingElse(error, input, options);
    throw error;
  }
  try {
    const issues = await checkWorkflow(
      cluster.config,
      workflowOptions(cluster.registry, options, cluster.plugins),
    );
    if (issues.length > 0) throw configInvalid(issues, placeIn(options));
  } catch (error) {
    await cluster[Symbol.asyncDispose]();
    throw error;
  }
  return cluster;
}

/** The same error with what else is wrong, as far as that can be known now. */
async function withEverythingElse(
  error: ConfigError,
  input: unknown,
  options: CreateDeclaredOptions,
): Promise<ConfigError> {
  const baseDir = path.resolve(options.baseDir ?? process.cwd());
  const { config, issues, discovery } = await examineCluster(input, {
    ...placeIn(options),
    baseDir,
    environment: options.environment ?? process.env,
    programDir: options.programDir,
  });
  const registry = registryFor(config, discovery);
  const all = [
    ...issues,
    // Drivers that cannot be made from what is wrong here are not missing.
    ...(registry === undefined || missable(registry.broken).length > 0
      ? []
      : await examineDrivers(config, registry)),
    ...(await checkWorkflow(config, workflowOptions(registry, options))),
  ];
  return all.length > 0
    ? configInvalid(all, placeIn(options), issues.length === 0 ? error.hint : undefined)
    : error;
}

function placeIn({
  source,
  placeOf,
  board,
}: CreateDeclaredOptions): Pick<ParseConfigOptions, 'source' | 'placeOf' | 'pathInWhole'> {
  return {
    ...(source === undefined ? {} : { source }),
    ...(placeOf === undefined ? {} : { placeOf }),
    ...(board === undefined ? {} : { pathInWhole: board.pathInWhole }),
  };
}

/** Plugins for their checks only: nothing is run with them. Undefined when they cannot be wired. */
function registryFor(config: ClusterConfig, discovery: PluginDiscovery): PluginRegistry | undefined {
  try {
    return registryOf(config, discovery, silentLogger);
  } catch {
    return undefined;
  }
}

/**
 * What a declared workflow is checked against.
 *
 * @param discovery - of the cluster, when the rest of the configuration is right
 */
export function workflowOptions(
  registry: PluginRegistry | undefined,
  { nodes, environment = process.env }: Pick<CreateDeclaredOptions, 'nodes' | 'environment'>,
  discovery?: PluginDiscovery,
): CheckWorkflowOptions {
  const restIsRight = discovery !== undefined;
  // Drivers and actions that cannot be made from what is wrong elsewhere are not unknown.
  const known =
    registry === undefined || (!restIsRight && missable(registry.broken).length > 0) ? undefined : registry;
  const failures = discovery?.failures.map(({ name, error }) => ({ plugin: name, error })) ?? [];
  return {
    environment,
    ...(nodes === undefined ? {} : { nodes }),
    restIsRight,
    unusable: [...failures, ...(registry?.broken ?? [])],
    os: (id) => registry?.extensions.all(OPERATING_SYSTEMS).find((os) => os.id === id),
    strategies: (board) =>
      registry === undefined ? board.strategies : strategiesFor(board, registry.extensions),
    actions: known && actionsOf(known.extensions),
    names: known && {
      os: known.extensions.idsOf(OPERATING_SYSTEMS),
      boards: known.extensions.idsOf(BOARDS),
    },
    board: (id) => registry?.extensions.all(BOARDS).find((board) => board.id === id),
  };
}
