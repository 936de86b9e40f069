import { pathToFileURL } from 'node:url';
import type { PluginManifest } from './plugin-manifest.js';

/**
 * Imports the module of a plugin from its package.
 *
 * @remarks The bundle of the command has another one in its place, which knows the plugins that are in the bundle.
 */
export function importPlugin({ entry }: PluginManifest): Promise<{ readonly default?: unknown }> {
  return import(pathToFileURL(entry).href) as Promise<{ readonly default?: unknown }>;
}
