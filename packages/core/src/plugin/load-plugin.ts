import { pathToFileURL } from 'node:url';
import { PluginError } from '../errors/plugin-error.js';
import { isPlugin, type Plugin, PLUGIN_API_VERSION } from './define-plugin.js';
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
    loaded = (await import(pathToFileURL(manifest.entry).href)) as typeof loaded;
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
  if (!isPlugin(loaded.default))
    throw new PluginError('PLUGIN_INVALID', `the default export of ${manifest.entry} is not a plugin`, {
      hint: 'Export the result of definePlugin() from @turingpi/core/plugin as default.',
    });
  assertApiVersion(manifest.name, loaded.default.apiVersion);
  return loaded.default;
}

function assertApiVersion(name: string, api: number): void {
  if (api === PLUGIN_API_VERSION) return;
  throw new PluginError(
    'PLUGIN_API_MISMATCH',
    `the plugin ${name} is made for plugin API ${api}; this core has ${PLUGIN_API_VERSION}`,
    {
      hint:
        api > PLUGIN_API_VERSION
          ? `Install a newer @turingpi/core, or an older ${name}.`
          : `Install a newer ${name}.`,
    },
  );
}
