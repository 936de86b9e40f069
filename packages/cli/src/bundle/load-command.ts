import { pathToFileURL } from 'node:url';
import type * as command from '../cli.js';
import { arePluginsInReach } from '../commands/contributed/plugins-in-reach.js';
import { namedConfig } from '../commands/contributed/wanted-of-plugins.js';
import { PROGRAM_DIR } from '../process/program-dir.js';
import { usableBundle } from './usable-bundle.js';

/**
 * Loads the command: from its bundle, a few files in place of hundreds; or from the packages as they are installed, where a
 * plugin of the user's has to share them.
 *
 * @param words - of the command line, without node and script
 */
export async function loadCommand(words: readonly string[], cwd: string): Promise<typeof command> {
  if (words.includes('--verbose')) process.setSourceMapsEnabled(true); // its stack traces name lines of the sources
  const bundle = arePluginsInReach(namedConfig(words), cwd) ? undefined : usableBundle(PROGRAM_DIR);
  if (bundle === undefined) return import('../cli.js');
  return (await import(pathToFileURL(bundle).href)) as typeof command;
}
