import type { Logger } from '@turingpi/foundation';
import type { ClusterConfig } from '../config/cluster-config.js';
import { CLUSTER_CONFIG, LOGGER } from '../di/tokens.js';
import { CORE_PLUGIN } from '../plugin/core-plugin.js';
import { discoverPlugins, type PluginDiscovery } from '../plugin/discover-plugins.js';
import type { ExtensionPoint } from '../plugin/extension-point.js';
import { PluginRegistry } from '../plugin/plugin-registry.js';

/** Where plugins are looked for, and what they log to. */
export interface WirePluginsOptions {
  /** Whose package.json is searched for plugins. */
  readonly projectDir: string | undefined;
  /** Where named plugins are searched from. Default: `projectDir`. */
  readonly baseDir?: string | undefined;
  /** Also use the plugins that this package depends on. */
  readonly programDir: string | undefined;
  readonly logger: Logger;
  /** Kinds of contributions that the program takes. */
  readonly extensionPoints?: readonly ExtensionPoint[] | undefined;
}

/** The plugins of a configuration, found: those that it names or brings from code, and those beside it. */
export function findPlugins(
  config: Pick<ClusterConfig, 'plugins'>,
  { projectDir, baseDir = projectDir, programDir }: Omit<WirePluginsOptions, 'logger'>,
): Promise<PluginDiscovery> {
  return discoverPlugins({
    named: config.plugins ?? [],
    ...(baseDir === undefined ? {} : { baseDir }),
    projectDir,
    programDir,
  });
}

/** Plugins that were found, wired: nothing is started. */
export function registryOf(
  config: ClusterConfig,
  discovery: PluginDiscovery,
  logger: Logger,
  points: readonly ExtensionPoint[] = [],
): PluginRegistry {
  return new PluginRegistry(
    [
      { token: LOGGER, useValue: logger },
      { token: CLUSTER_CONFIG, useValue: config },
    ],
    // The first found has precedence; in the container the last registered has it.
    [CORE_PLUGIN, ...discovery.plugins.map(({ plugin }) => plugin).reverse()],
    config.replace,
    points,
  );
}

/** Finds and wires the plugins of a configuration. @throws PluginError for one that is named, and missing or broken. */
export async function wirePlugins(
  config: ClusterConfig,
  options: WirePluginsOptions,
): Promise<{ readonly discovery: PluginDiscovery; readonly registry: PluginRegistry }> {
  const discovery = await findPlugins(config, options);
  return { discovery, registry: registryOf(config, discovery, options.logger, options.extensionPoints) };
}
