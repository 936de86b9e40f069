import { parseConfig } from '../config/parse-config.js';
import { silentLogger } from '@turingpi/foundation';
import type { PluginDiscovery } from '../plugin/discover-plugins.js';
import type { ExtensionPoint } from '../plugin/extension-point.js';
import type { PluginRegistry } from '../plugin/plugin-registry.js';
import { wirePlugins } from './wire-plugins.js';

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
  /** Kinds of contributions that the program takes, besides those that plugins define. */
  readonly extensionPoints?: readonly ExtensionPoint[];
}): Promise<{ readonly discovery: PluginDiscovery; readonly registry: PluginRegistry }> {
  const config = await parseConfig(LISTING_CONFIG, { baseDir: options.projectDir, environment: {} });
  return wirePlugins(config, { ...options, logger: silentLogger });
}
