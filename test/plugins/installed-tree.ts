import { lstat, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { npmInstall } from './npm-install.js';

/** A package in a folder that npm installed. */
export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  /** Where npm has it from. */
  readonly source: string;
  readonly hasInstallScript: boolean;
  /** Length of all its files, without the packages inside it. */
  readonly bytes: number;
}

export interface InstalledTree {
  readonly folder: string;
  readonly packages: readonly InstalledPackage[];
  /** Length of all files of `node_modules`. */
  readonly bytes: number;
}

/**
 * Installs packages, and looks at what is there then.
 *
 * @param dependencies - by name, as package.json has them
 */
export async function installTree(
  folder: string,
  dependencies: Readonly<Record<string, string>>,
): Promise<InstalledTree> {
  await npmInstall(folder, dependencies);
  const modules = path.join(folder, 'node_modules');
  const lock = JSON.parse(await readFile(path.join(modules, '.package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<
      Record<string, { version: string; resolved?: string; hasInstallScript?: boolean }>
    >;
  };
  const packages = await Promise.all(
    Object.entries(lock.packages).map(async ([place, { version, resolved, hasInstallScript }]) => ({
      name: place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length),
      version,
      source: resolved ?? '',
      hasInstallScript: hasInstallScript ?? false,
      bytes: await bytesIn(path.join(folder, place), 'node_modules'),
    })),
  );
  return { folder, packages, bytes: await bytesIn(modules) };
}

async function bytesIn(folder: string, except?: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true });
  const sizes = entries
    .filter(({ name }) => name !== except)
    .map(async (entry) => {
      const file = path.join(folder, entry.name);
      return entry.isDirectory() ? await bytesIn(file, except) : (await lstat(file)).size;
    });
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
