import { readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { PluginError } from '../errors/plugin-error.js';

/** What a package's package.json says about the plugin in it. */
export interface PluginManifest {
  readonly name: string;
  readonly version: string;
  /** What it mostly brings, for people: `os`, `board`, `service`, `backend`, … */
  readonly kind: string;
  /** Plugin API version it was made for. */
  readonly api: number;
  /** Absolute path of the module to import. */
  readonly entry: string;
  /** Absolute path of the package's folder. */
  readonly directory: string;
  /** Absolute path of the module that says what the plugin's contributions are tested on, if it has one. */
  readonly conformance?: string;
}

const packageJson = z.object({
  name: z.string().min(1),
  version: z.string().default('0.0.0'),
  turingpi: z.unknown(),
});
/** A package.json that says it is a plugin, well or badly. */
const announced = z.object({ turingpi: z.unknown().refine((field) => field !== undefined) });
const turingpiField = z.object({
  plugin: z.string().min(1),
  kind: z.string().min(1),
  api: z.int(),
  conformance: z.string().min(1).optional(),
});

/**
 * Reads the plugin manifest of a package folder.
 *
 * @returns Undefined when the folder holds no package, or one that is no plugin.
 * @throws PluginError `PLUGIN_INVALID` when package.json has a `turingpi` field that makes no sense.
 */
export async function readPluginManifest(directory: string): Promise<PluginManifest | undefined> {
  const file = path.join(directory, 'package.json');
  const content = await readJson(file);
  if (!announced.safeParse(content).success) return undefined;
  const parsed = packageJson.safeParse(content);
  if (!parsed.success)
    throw new PluginError('PLUGIN_INVALID', `${file} has no usable name or version`, {
      cause: parsed.error,
      hint: 'A plugin is a package: give it a `name` and a `version`.',
    });
  const field = turingpiField.safeParse(parsed.data.turingpi);
  if (!field.success)
    throw new PluginError('PLUGIN_INVALID', `the field \`turingpi\` in ${file} is not a plugin manifest`, {
      cause: field.error,
      hint: 'It looks like { "plugin": "./dist/index.js", "kind": "os", "api": 1 }.',
    });
  const inside = async (named: string) => {
    const entry = path.resolve(directory, named);
    if (await isInside(directory, entry)) return entry;
    throw new PluginError('PLUGIN_INVALID', `the plugin entry in ${file} lies outside its package`, {
      hint: 'Name a file inside the package.',
    });
  };
  const { conformance } = field.data;
  return {
    name: parsed.data.name,
    version: parsed.data.version,
    kind: field.data.kind,
    api: field.data.api,
    entry: await inside(field.data.plugin),
    directory,
    ...(conformance === undefined ? {} : { conformance: await inside(conformance) }),
  };
}

/** Whether a path leads to something inside a directory, also after its links are followed. */
async function isInside(directory: string, file: string): Promise<boolean> {
  const lies = (base: string, target: string) => {
    const relative = path.relative(base, target);
    return relative !== '' && !/^\.\.(?:[/\\]|$)/.test(relative) && !path.isAbsolute(relative);
  };
  if (!lies(directory, file)) return false;
  // What is not there leads nowhere; importing it then says so.
  const real = await realpath(file).catch(() => undefined);
  return real === undefined || lies(await realpath(directory), real);
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
