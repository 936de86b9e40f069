import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * Loads a package that the command brings, and that a fleet needs for its demonstration only.
 *
 * @param programDir - folder of the command's own package
 */
export async function programModule(programDir: string, name: string): Promise<unknown> {
  const file = createRequire(path.join(programDir, 'package.json')).resolve(name);
  return import(pathToFileURL(file).href);
}
