import { PluginError } from '../errors/plugin-error.js';
import { assertApiVersion, checkPlugin } from './check-plugin.js';
import type { Plugin } from './define-plugin.js';
import { importPlugin } from './import-plugin.js';
import type { PluginManifest } from './plugin-manifest.js';

/**
 * Imports a plugin whose manifest was read, after checking that it was made for this plugin API.
 *
 * @throws PluginError `PLUGIN_API_MISMATCH` before anything is imported; `PLUGIN_INVALID` when it does not load or
 * its default export is no plugin.
 */
export async function loadPlugin(manifest: PluginManifest): Promise<Plugin> {
  assertApiVersion(manifest.name, manifest.api);
  let loaded: { readonly default?: unknown };
  try {
    loaded = await importPlugin(manifest);
  } catch (cause) {
    throw new PluginError(
      'PLUGIN_INVALID',
      `the plugin ${manifest.name} cannot be loaded from ${manifest.entry}`,
      {
        cause,
        hint: cause instanceof Error ? cause.message : 'See the log for the reason.',
      },
    );
  }
  return checkPlugin(loaded.default, manifest.entry);
}
