import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';

/** A package of which something is in the bundle. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** Place in the list of a package that uses it, from whose folder it is looked for; undefined for the command itself. */
  readonly from?: number;
  /** It need not be there. */
  readonly optional?: boolean;
  /** When the compiler last wrote its files, in a clone of the repository; milliseconds since the epoch. */
  readonly builtMs?: number;
}

/** Says what a bundle was made from; lies beside it and is written last. */
export const MADE_FROM = 'made-from.json';

/**
 * The bundle of the command, when everything in it is what is installed: in a clone that was compiled since, and where a
 * package was replaced by another version, it is not.
 *
 * @param programDir - folder of the command's package
 * @returns The path of its first module; undefined when there is none, or it is not to be used.
 */
export function usableBundle(programDir: string): string | undefined {
  const folder = path.join(programDir, 'dist/bundled');
  try {
    const packages = JSON.parse(readFileSync(path.join(folder, MADE_FROM), 'utf8')) as BundledPackage[];
    return isInstalled(packages, programDir) ? path.join(folder, 'cli.js') : undefined;
  } catch {
    return undefined; // none was made, or it is broken: there is the long way
  }
}

/** Users of a package come before it in the list. */
function isInstalled(packages: readonly BundledPackage[], programDir: string): boolean {
  const folders: (string | undefined)[] = [];
  const places = new Map<string, readonly string[]>();
  const users = new Set(packages.map(({ from }) => from));
  return packages.every(({ name, version, from, optional = false, builtMs }, index) => {
    const user = from === undefined ? programDir : folders[from];
    const found = user === undefined ? undefined : installedFolder(name, version, packagesFrom(user, places));
    // Beside it is what it uses, under some package managers.
    const folder = found !== undefined && users.has(index) ? realpathSync.native(found) : found;
    folders.push(folder);
    if (folder === undefined) return optional || (from !== undefined && packages[from]?.optional === true);
    return builtMs === undefined || [undefined, builtMs].includes(compiledAt(folder));
  });
}

/**
 * Where a module in a folder looks for packages, the nearest place first.
 *
 * @param known - of folders that were asked for before: most have no packages of their own, and to look for each of a
 *   hundred packages in all of them took longer than to read those that are there
 */
function packagesFrom(folder: string, known: Map<string, readonly string[]>): readonly string[] {
  const before = known.get(folder);
  if (before !== undefined) return before;
  const own = path.join(folder, 'node_modules');
  const above = path.dirname(folder);
  const places = [...(existsSync(own) ? [own] : []), ...(above === folder ? [] : packagesFrom(above, known))];
  known.set(folder, places);
  return places;
}

/** Where the package of that name is that is found in such places, if it has that version. */
function installedFolder(name: string, version: string, places: readonly string[]): string | undefined {
  for (const place of places) {
    const folder = `${place}/${name}`;
    const file = `${folder}/package.json`; // to join the two of a hundred packages takes longer than to read them
    // To look first is quicker than an error, but takes as long as to read: in the last place nearly all are there.
    const manifest = place === places.at(-1) || existsSync(file) ? read(file) : undefined;
    if (manifest !== undefined) return VERSION.exec(manifest)?.[1] === version ? folder : undefined;
  }
  return undefined;
}

/** To parse all the manifests takes longer than to find this in them. */
const VERSION = /"version"\s*:\s*"([^"]*)"/;

/** Undefined in an installed package: it is published without what the compiler notes for itself. */
function compiledAt(folder: string): number | undefined {
  return statSync(`${folder}/dist/.tsbuildinfo`, { throwIfNoEntry: false })?.mtimeMs;
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
