import { createRequire } from 'node:module';
import path from 'node:path';
import { z } from 'zod';
import { PluginError } from '../errors/plugin-error.js';
import { resolvePath } from '../config/resolve-path.js';
import { TuringPiError } from '@turingpi/foundation';
import { checkPlugin } from './check-plugin.js';
import type { Plugin } from './define-plugin.js';
import { loadPlugin } from './load-plugin.js';
import { type PluginManifest, readJson, readPluginManifest } from './plugin-manifest.js';

/** Where a plugin was found: named in the configuration, a dependency beside it, brought by the program, from code. */
export type PluginSource = 'configuration' | 'project' | 'built-in' | 'code';

export interface DiscoveredPlugin {
  readonly plugin: Plugin;
  readonly source: PluginSource;
  /** Undefined for a plugin given as an object. */
  readonly manifest: PluginManifest | undefined;
}

/** A package that says it is a plugin, and is broken. */
export interface PluginFailure {
  readonly name: string;
  readonly source: PluginSource;
  readonly error: TuringPiError;
}

export interface PluginDiscovery {
  readonly plugins: readonly DiscoveredPlugin[];
  /** Broken plugins that nobody named; a named one is an error. */
  readonly failures: readonly PluginFailure[];
}

export interface DiscoverPluginsOptions {
  /** Package names, paths, or plugins, in the user's order. */
  readonly named: readonly (string | Plugin)[];
  /** Where named relative paths start and named packages are searched from. Default: `projectDir`. */
  readonly baseDir?: string;
  /** Folder of the configuration; its package.json's dependencies are looked at. */
  readonly projectDir: string | undefined;
  /** Folder of the running program's package, for the plugins that it brings. */
  readonly programDir: string | undefined;
}

const project = z.object({
  dependencies: z.record(z.string(), z.string()).default({}),
  optionalDependencies: z.record(z.string(), z.string()).default({}),
  peerDependenciesMeta: z.record(z.string(), z.object({ optional: z.boolean().optional() })).default({}),
});

/**
 * Finds and loads plugins: those that are named, then the project's dependencies, then the program's own. Of two with
 * the same package name the first found wins.
 *
 * @throws PluginError for a named plugin that is missing or broken.
 */
export async function discoverPlugins(options: DiscoverPluginsOptions): Promise<PluginDiscovery> {
  const found = new Map<string, DiscoveredPlugin>();
  const failures: PluginFailure[] = [];
  const from = options.baseDir ?? options.projectDir ?? process.cwd();
  for (const named of options.named) {
    const discovered: DiscoveredPlugin =
      typeof named === 'string'
        ? await loadNamed(named, from)
        : { plugin: checkPlugin(named, 'a plugin given in code'), source: 'code', manifest: undefined };
    const name = discovered.manifest?.name ?? discovered.plugin.name;
    if (!found.has(name)) found.set(name, discovered);
  }
  for (const [directory, source] of [
    [options.projectDir, 'project'],
    [options.programDir, 'built-in'],
  ] as const) {
    if (directory === undefined) continue;
    for (const dependency of await dependenciesOf(directory)) {
      try {
        const folder = await findPackage(dependency, directory);
        const manifest = folder === undefined ? undefined : await readPluginManifest(folder);
        // By the package's own name: a dependency may be an alias of it.
        if (manifest === undefined || found.has(manifest.name)) continue;
        found.set(manifest.name, { plugin: await loadPlugin(manifest), source, manifest });
      } catch (error) {
        if (!TuringPiError.is(error)) throw error;
        failures.push({ name: dependency, source, error });
      }
    }
  }
  return { plugins: [...found.values()], failures };
}

async function loadNamed(name: string, from: string): Promise<DiscoveredPlugin> {
  const isPath = /^[.~]/.test(name) || path.isAbsolute(name);
  const folder = isPath ? resolvePath(from, name) : await findPackage(name, from);
  const manifest = folder === undefined ? undefined : await readPluginManifest(folder);
  if (manifest === undefined)
    throw new PluginError(
      'PLUGIN_NOT_FOUND',
      `there is no plugin ${isPath ? `in ${folder ?? name}` : name}`,
      {
        hint: isPath
          ? 'The folder needs a package.json with a `turingpi` field.'
          : `Install it beside the configuration: npm install ${name}`,
      },
    );
  return { plugin: await loadPlugin(manifest), source: 'configuration', manifest };
}

async function dependenciesOf(directory: string): Promise<string[]> {
  const parsed = project.safeParse(await readJson(path.join(directory, 'package.json')));
  if (!parsed.success) return [];
  const { dependencies, optionalDependencies, peerDependenciesMeta } = parsed.data;
  // An optional peer is what a user may install beside the package.
  const optionalPeers = Object.keys(peerDependenciesMeta).filter(
    (name) => peerDependenciesMeta[name]?.optional,
  );
  return [
    ...new Set([...Object.keys(dependencies), ...Object.keys(optionalDependencies), ...optionalPeers]),
  ].sort();
}

/** The folder of an installed package, by walking up: works also where `exports` hides package.json. */
async function findPackage(name: string, from: string): Promise<string | undefined> {
  for (const directory of createRequire(path.join(from, 'noop.js')).resolve.paths(name) ?? []) {
    const folder = path.join(directory, name);
    if ((await readJson(path.join(folder, 'package.json'))) !== undefined) return folder;
  }
  return undefined;
}
