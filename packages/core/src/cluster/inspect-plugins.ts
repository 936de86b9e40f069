import { parseConfig } from '../config/parse-config.js';
import { silentLogger } from '@turingpi/foundation';
import type { PluginDiscovery } from '../plugin/discover-plugins.js';
import type { ExtensionPoint } from '../plugin/extension-point.js';
import type { PluginRegistry } from '../plugin/plugin-registry.js';
import { wirePlugins } from './wire-plugins.js';

/** Addresses for documentation (RFC 5737): drivers are made to be listed, nothing is ever contacted. */
export const LISTING_CONFIG = {
  ip: '192.0.2.1',
  node1: { ip: '192.0.2.2', board: 'none' },
  network: { gateway: '192.0.2.254' },
};

/** Finds and wires plugins without a configuration, to tell what they bring. @throws PluginError for one that is named. */
export async function inspectPlugins(options: {
  /** Whose package.json is searched for plugins. */
  readonly projectDir: string | undefined;
  readonly programDir: string | undefined;
  /** Further plugins: package names or paths, searched from `baseDir`. */
  readonly plugins?: readonly string[];
  /** Default: `projectDir`. */
  readonly baseDir?: string;
  /** Kinds of contributions that the program takes, besides those that plugins define. */
  readonly extensionPoints?: readonly ExtensionPoint[];
}): Promise<{ readonly discovery: PluginDiscovery; readonly registry: PluginRegistry }> {
  const baseDir = options.baseDir ?? options.projectDir ?? process.cwd();
  const input = { ...LISTING_CONFIG, plugins: options.plugins ?? [] };
  const config = await parseConfig(input, { baseDir, environment: {} });
  return wirePlugins(config, { ...options, logger: silentLogger });
}
