import type { Plugin } from './define-plugin.js';
import { type BrokenContribution, ExtensionRegistry, type Replacements } from './extension-registry.js';
import type { Extension, ExtensionPoint } from './extension-point.js';
import { withRequired } from './with-required.js';

/** What plugins contribute to a point that takes objects only. */
export interface ContributedObjects<T extends Extension> {
  /** By id, in alphabetical order. */
  readonly extensions: readonly { readonly plugin: string; readonly extension: T }[];
  readonly broken: readonly BrokenContribution[];
}

/**
 * Contributions that are needed before there is a cluster: nothing is made or started.
 *
 * @throws PluginError `PLUGIN_DUPLICATE_ID` when two contributions have the same id.
 */
export function objectsOf<T extends Extension>(
  point: ExtensionPoint<T>,
  plugins: readonly Plugin[],
  replacements?: Replacements,
): ContributedObjects<T> {
  const registry = new ExtensionRegistry(() => {
    throw new Error('unreachable: this point takes no classes');
  }, replacements);
  registry.define([point]);
  for (const plugin of withRequired(plugins)) registry.add(plugin, point.key);
  return { extensions: registry.entries(point), broken: registry.broken };
}
