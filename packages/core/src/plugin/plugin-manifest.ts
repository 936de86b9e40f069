import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { PluginError } from '../errors/plugin-error.js';

/** What a package's package.json says about the plugin in it. */
export interface PluginManifest {
  readonly name: string;
  readonly version: string;
  readonly kind: 'os' | 'board' | 'service';
  /** Plugin API version it was made for. */
  readonly api: number;
  /** Absolute path of the module to import. */
  readonly entry: string;
  /** Absolute path of the package's folder. */
  readonly directory: string;
}

const packageJson = z.object({
  name: z.string().min(1),
  version: z.string().default('0.0.0'),
  turingpi: z.unknown().optional(),
});
const turingpiField = z.object({
  plugin: z.string().min(1),
  kind: z.enum(['os', 'board', 'service']),
  api: z.int(),
});

/**
 * Reads the plugin manifest of a package folder.
 *
 * @returns Undefined when the folder holds no package, or one that is no plugin.
 * @throws PluginError `PLUGIN_INVALID` when package.json has a `turingpi` field that makes no sense.
 */
export async function readPluginManifest(directory: string): Promise<PluginManifest | undefined> {
  const file = path.join(directory, 'package.json');
  const parsed = packageJson.safeParse(await readJson(file));
  if (!parsed.success || parsed.data.turingpi === undefined) return undefined;
  const field = turingpiField.safeParse(parsed.data.turingpi);
  if (!field.success)
    throw new PluginError('PLUGIN_INVALID', `the field \`turingpi\` in ${file} is not a plugin manifest`, {
      cause: field.error,
      hint: 'It looks like { "plugin": "./dist/index.js", "kind": "os" | "board" | "service", "api": 1 }.',
    });
  const entry = path.resolve(directory, field.data.plugin);
  if (path.relative(directory, entry).startsWith('..'))
    throw new PluginError('PLUGIN_INVALID', `the plugin entry in ${file} lies outside its package`, {
      hint: 'Name a file inside the package.',
    });
  return {
    name: parsed.data.name,
    version: parsed.data.version,
    kind: field.data.kind,
    api: field.data.api,
    entry,
    directory,
  };
}

/** Reads a JSON file; undefined when there is none. */
export async function readJson(file: string): Promise<unknown> {
  const found = await stat(file).catch(() => undefined);
  if (!found?.isFile()) return undefined;
  try {
    return JSON.parse(await readFile(file, 'utf8')) as unknown;
  } catch (cause) {
    throw new PluginError('PLUGIN_INVALID', `${file} is not JSON`, {
      cause,
      hint: 'Repair or reinstall it.',
    });
  }
}
