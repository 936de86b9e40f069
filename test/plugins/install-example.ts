import { cp, mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { makeProject } from './make-project.js';

const EXAMPLES = path.resolve(import.meta.dirname, '../../examples/plugins');

/** An example plugin, installed in a project of its own as its users install it. */
export interface InstalledExample {
  readonly folder: string;
  /** What the package exports, run as it is published. */
  load<T>(): Promise<T>;
  /** Makes it a dependency of the configuration in a folder. */
  useIn(directory: string): Promise<void>;
}

/** @param name - of its folder; the package is `turingpi-<name>` */
export async function installExample(name: string): Promise<InstalledExample> {
  const folder = path.join(await makeProject(), name);
  await cp(path.join(EXAMPLES, name), folder, { recursive: true });
  return {
    folder,
    load: async <T>() => (await import(pathToFileURL(path.join(folder, 'index.js')).href)) as T,
    useIn: async (directory) => {
      const dependencies = { [`turingpi-${name}`]: '*' };
      await writeFile(path.join(directory, 'package.json'), JSON.stringify({ dependencies, type: 'module' }));
      const modules = path.join(directory, 'node_modules');
      await mkdir(modules, { recursive: true });
      await symlink(folder, path.join(modules, `turingpi-${name}`), 'junction');
    },
  };
}
