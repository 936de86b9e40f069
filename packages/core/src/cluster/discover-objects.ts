import { configInputSchema } from '../config/config-input.js';
import { salvageInput } from '../config/salvage-input.js';
import type { Extension, ExtensionPoint } from '../plugin/extension-point.js';
import type { BrokenContribution, Replacements } from '../plugin/extension-registry.js';
import { objectsOf } from '../plugin/objects-of.js';
import { findPlugins } from './wire-plugins.js';

const NAMING = configInputSchema.pick({ plugins: true, replace: true });

/** Where plugins are looked for. */
export interface DiscoverObjectsOptions {
  /** A configuration as it was read; only what it says of plugins is looked at, and of that what is right. */
  readonly input?: unknown;
  /** Its folder: where relative paths start and whose package.json is searched. */
  readonly baseDir: string;
  /** Also use the plugins that this package depends on. */
  readonly programDir: string | undefined;
}

/** Contributions to one point that takes objects only. */
export interface DiscoveredObjects<T extends Extension> {
  /** By id, in alphabetical order. */
  readonly extensions: readonly { readonly plugin: string; readonly extension: T }[];
  /** Which contribution is meant where several have the same id, by point and id, as the configuration says. */
  readonly replace: Replacements;
  readonly unusable: readonly BrokenContribution[];
}

/**
 * Finds what plugins contribute to a point that takes objects only. There need be no cluster, and its configuration need
 * not be right; nothing is made or started.
 *
 * @throws PluginError for a plugin that is named and missing or broken; `PLUGIN_DUPLICATE_ID`.
 */
export async function discoverObjects<T extends Extension>(
  point: ExtensionPoint<T>,
  { input, baseDir, programDir }: DiscoverObjectsOptions,
): Promise<DiscoveredObjects<T>> {
  const { plugins, replace = {} } = salvageInput(NAMING, input ?? {}) as ReturnType<typeof NAMING.parse>;
  const named = plugins?.filter((plugin: unknown) => plugin !== undefined); // what is no name at all
  const discovery = await findPlugins({ plugins: named }, { projectDir: baseDir, programDir });
  const { extensions, broken } = objectsOf(
    point,
    discovery.plugins.map(({ plugin }) => plugin),
    replace,
  );
  const failures = discovery.failures.map(({ name, error }) => ({ plugin: name, error }));
  return { extensions, replace, unusable: [...failures, ...broken] };
}
