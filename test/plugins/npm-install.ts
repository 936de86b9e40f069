import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

/**
 * Installs packages in a folder of their own as a user would who does not let packages run anything.
 *
 * @param dependencies - by name, as package.json has them
 */
export async function npmInstall(
  folder: string,
  dependencies: Readonly<Record<string, string>>,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(
    path.join(folder, 'package.json'),
    JSON.stringify({ private: true, type: 'module', dependencies }),
  );
  const command = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];
  await promisify(execFile)('npm', command, { cwd: folder });
}

/** Tarballs as package.json has them. */
export function fromTarballs(
  names: readonly string[],
  packages: ReadonlyMap<string, { readonly tarball: string }>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((name) => [name, `file:${packages.get(name)!.tarball}`]));
}
