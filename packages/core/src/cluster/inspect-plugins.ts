import { parseConfig } from '../config/parse-config.js';
import { CLUSTER_CONFIG, LOGGER } from '../di/tokens.js';
import { silentLogger } from '../logging/logger.js';
import { discoverPlugins, type PluginDiscovery } from '../plugin/discover-plugins.js';
import { PluginRegistry } from '../plugin/plugin-registry.js';

/** Addresses for documentation (RFC 5737): drivers are made to be listed, nothing is ever contacted. */
const LISTING_CONFIG = {
  ip: '192.0.2.1',
  node1: { ip: '192.0.2.2', board: 'none' },
  network: { gateway: '192.0.2.254' },
};

/** Finds and wires plugins without a configuration, to tell what they bring. */
export async function inspectPlugins(options: {
  readonly projectDir: string;
  readonly programDir: string | undefined;
}): Promise<{ readonly discovery: PluginDiscovery; readonly registry: PluginRegistry }> {
  const discovery = await discoverPlugins({ named: [], ...options });
  const config = await parseConfig(LISTING_CONFIG, { baseDir: options.projectDir, environment: {} });
  const registry = new PluginRegistry(
    [
      { token: LOGGER, useValue: silentLogger },
      { token: CLUSTER_CONFIG, useValue: config },
    ],
    discovery.plugins.map(({ plugin }) => plugin).reverse(),
  );
  return { discovery, registry };
}
