import path from 'node:path';
import type { ClusterConfig } from '../config/cluster-config.js';
import type { TuringPiConfig } from '../config/config-input.js';
import { configInvalid, examineConfig, type ParseConfigOptions } from '../config/parse-config.js';
import { CLUSTER_CONFIG, LOGGER } from '../di/tokens.js';
import { ConfigError } from '../errors/config-error.js';
import { silentLogger } from '../logging/logger.js';
import type { NodeId } from '../node/node-id.js';
import { discoverPlugins } from '../plugin/discover-plugins.js';
import { PluginRegistry } from '../plugin/plugin-registry.js';
import { checkWorkflow, type CheckWorkflowOptions } from '../workflow/check-workflow.js';
import { createTuringPi, type CreateTuringPiOptions, unknownDrivers } from './create-turing-pi.js';
import type { TuringPi } from './turing-pi.js';

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
  const issues = await checkWorkflow(cluster.config, workflowOptions(cluster.registry, options, true));
  if (issues.length > 0) throw configInvalid(issues, placeIn(options));
  return cluster;
}

/** The same error with what else is wrong, as far as that can be known now. */
async function withEverythingElse(
  error: ConfigError,
  input: unknown,
  options: CreateDeclaredOptions,
): Promise<ConfigError> {
  const baseDir = path.resolve(options.baseDir ?? process.cwd());
  const { config, issues } = await examineConfig(input, {
    ...placeIn(options),
    baseDir,
    environment: options.environment ?? process.env,
  });
  const registry = await registryFor(config, baseDir, options).catch(() => undefined);
  const all = [
    ...issues,
    // Drivers that cannot be made from what is wrong here are not missing.
    ...(registry === undefined || registry.broken.length > 0 ? [] : unknownDrivers(config, registry)),
    ...(await checkWorkflow(config, workflowOptions(registry, options, false))),
  ];
  return all.length > 0
    ? configInvalid(all, placeIn(options), issues.length === 0 ? error.hint : undefined)
    : error;
}

function placeIn({ source, placeOf }: CreateDeclaredOptions): Pick<ParseConfigOptions, 'source' | 'placeOf'> {
  return { ...(source === undefined ? {} : { source }), ...(placeOf === undefined ? {} : { placeOf }) };
}

/** Plugins for their checks only: nothing is run with them. */
async function registryFor(
  config: ClusterConfig,
  baseDir: string,
  { programDir }: CreateDeclaredOptions,
): Promise<PluginRegistry> {
  const givenInCode = config.plugins?.some((plugin) => typeof plugin !== 'string') ?? false;
  const { plugins } = await discoverPlugins({
    named: config.plugins ?? [],
    baseDir,
    projectDir: givenInCode ? undefined : baseDir,
    programDir,
  });
  return new PluginRegistry(
    [
      { token: LOGGER, useValue: silentLogger },
      { token: CLUSTER_CONFIG, useValue: config },
    ],
    plugins.map(({ plugin }) => plugin).reverse(),
  );
}

function workflowOptions(
  registry: PluginRegistry | undefined,
  { nodes, environment = process.env }: CreateDeclaredOptions,
  restIsRight: boolean,
): CheckWorkflowOptions {
  return {
    environment,
    ...(nodes === undefined ? {} : { nodes }),
    restIsRight,
    os: (id) => (registry?.osIds.includes(id) === true ? registry.os(id) : undefined),
    board: (id) => (registry?.boardIds.includes(id) === true ? registry.board(id) : undefined),
  };
}
