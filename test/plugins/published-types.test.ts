import { access, readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { expect, it } from 'vitest';

const PACKAGES = path.resolve(import.meta.dirname, '../../packages');

interface Manifest {
  readonly name: string;
  readonly types?: string;
  readonly typings?: string;
  readonly exports?: Readonly<Record<string, string | { readonly types?: string }>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

it('needs no types that are not installed with a package', async () => {
  const lacking: string[] = [];
  for (const folder of await readdir(PACKAGES)) {
    const directory = path.join(PACKAGES, folder);
    const manifest = await manifestIn(directory).catch(() => undefined);
    if (manifest === undefined) continue;
    const installed = { ...manifest.dependencies, ...manifest.peerDependencies };
    for (const name of await namedByTypes(directory, manifest))
      if (!(name in installed) || !(await hasTypes(directory, name, installed)))
        lacking.push(`${manifest.name}: ${name}`);
  }
  expect(lacking.sort()).toEqual([]);
});

async function manifestIn(directory: string): Promise<Manifest> {
  return JSON.parse(await readFile(path.join(directory, 'package.json'), 'utf8')) as Manifest;
}

/** The packages that the declarations name which a program reaches from the entries of a package. */
async function namedByTypes(directory: string, { exports = {} }: Manifest): Promise<ReadonlySet<string>> {
  const entries = Object.values(exports).flatMap((entry) =>
    typeof entry === 'string' ? [] : (entry.types ?? []),
  );
  const files = new Set(entries.map((entry) => path.join(directory, entry)));
  const names = new Set<string>();
  // A set hands out what is added to it on the way, too.
  for (const file of files)
    for (const [, specifier = ''] of (await readFile(file, 'utf8')).matchAll(
      /(?:from |import\(?)['"]([^'"]+)['"]/g,
    ))
      if (specifier.startsWith('.'))
        files.add(path.resolve(path.dirname(file), specifier).replace(/\.js$/, '.d.ts'));
      else if (!specifier.startsWith('node:')) names.add(packageOf(specifier));
  return names;
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** Whether a dependency brings its types itself, or those of somebody else are installed with it. */
async function hasTypes(directory: string, name: string, installed: object): Promise<boolean> {
  if (name.startsWith('@turingpi/') || `@types/${name}` in installed) return true;
  for (const modules of createRequire(path.join(directory, 'package.json')).resolve.paths(name) ?? []) {
    const found = path.join(modules, name);
    const manifest = await manifestIn(found).catch(() => undefined);
    if (manifest === undefined) continue;
    if (
      (manifest.types ?? manifest.typings) !== undefined ||
      JSON.stringify(manifest.exports ?? {}).includes('.d.')
    )
      return true;
    return await access(path.join(found, 'index.d.ts')).then(
      () => true,
      () => false,
    );
  }
  return false;
}
