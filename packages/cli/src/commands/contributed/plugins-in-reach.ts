import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { configFileIn } from '../../cluster/config-file-in.js';

/** The keys, or an escape that stands for a letter or joins two lines: a key may be written with it. */
const MAY_NAME_PLUGINS = /\b(?:plugins|replace)\b|\\(?:[uUx]|\r?\n)/;

/**
 * Whether a configuration may name plugins, or packages beside it may be some. Most often neither is so, and the help
 * need not load what finds and checks them.
 *
 * @param configFile - as it is named on the command line; default: the one in the working directory, if there is one
 * @returns False only where there is none for certain; what cannot be read is for whoever looks properly.
 */
export function arePluginsInReach(configFile: string | undefined, cwd: string): boolean {
  if (configFile?.startsWith('~') === true) return true; // in the user's home: whoever reads it knows where that is
  try {
    const file = configFile === undefined ? configFileIn(cwd) : path.resolve(cwd, configFile);
    if (file !== undefined && MAY_NAME_PLUGINS.test(readFileSync(file, 'utf8'))) return true;
    const folder = file === undefined ? cwd : path.dirname(file);
    return dependenciesOf(folder).some((name) => isPlugin(name, folder));
  } catch {
    return true;
  }
}

function dependenciesOf(folder: string): string[] {
  const manifest = readManifest(folder);
  return ['dependencies', 'optionalDependencies', 'peerDependenciesMeta'].flatMap((field) =>
    Object.keys((manifest?.[field] as object | undefined) ?? {}),
  );
}

/** By the first package of that name on the way up, as it is loaded. */
function isPlugin(name: string, from: string): boolean {
  for (const directory of createRequire(path.join(from, 'noop.js')).resolve.paths(name) ?? []) {
    const manifest = readManifest(path.join(directory, name));
    if (manifest !== undefined) return manifest['turingpi'] !== undefined;
  }
  return false;
}

/** Undefined when there is none. @throws SyntaxError */
function readManifest(folder: string): Record<string, unknown> | undefined {
  let text: string;
  try {
    text = readFileSync(path.join(folder, 'package.json'), 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
  return JSON.parse(text) as Record<string, unknown>;
}
