import { access, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { onTestFinished } from 'vitest';

const REPOSITORY = path.resolve(import.meta.dirname, '../..');

/**
 * An empty project in which our packages are installed as they are published.
 *
 * @param atEnd - is given what removes it; default: when the test ends
 */
export async function makeProject(
  atEnd: (remove: () => Promise<void>) => void = onTestFinished,
): Promise<string> {
  // In the repository, so that packages of others are found.
  const parent = path.join(REPOSITORY, 'node_modules/.cache');
  await mkdir(parent, { recursive: true });
  const project = await mkdtemp(path.join(parent, 'project-'));
  atEnd(() => rm(project, { recursive: true, force: true }));
  const modules = path.join(project, 'node_modules');
  await mkdir(modules);
  for (const name of OURS) await installBuilt(modules, name);
  return project;
}

/** What plugins import, and what that imports. */
const OURS = ['foundation', 'core', 'image', 'bmc', 'runtime', 'usb-host', 'provisioning', 'linux'];

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly exports: Readonly<Record<string, string | { readonly default: string }>>;
}

/**
 * A package of ours as it is published: without the export condition for its sources, which the test runner sets for the
 * plugin's imports, too. So the plugin gets the build and this test the sources, which also shows that two copies of core
 * work together.
 */
async function installBuilt(modules: string, name: string): Promise<void> {
  const source = path.join(REPOSITORY, 'packages', name);
  const manifest = JSON.parse(await readFile(path.join(source, 'package.json'), 'utf8')) as Manifest;
  const entries = Object.entries(manifest.exports).map(
    ([entry, target]) => [entry, typeof target === 'string' ? target : target.default] as const,
  );
  for (const [, target] of entries)
    await access(path.join(source, target)).catch(() => {
      throw new Error(`${manifest.name} is not built: run \`npm run build\` first`);
    });
  const folder = path.join(modules, manifest.name);
  await cp(path.join(source, 'dist'), path.join(folder, 'dist'), {
    recursive: true,
    filter: (file) => !/\.(?:map|d\.ts)$/.test(file),
  });
  const { version } = manifest;
  const published = { name: manifest.name, version, type: 'module', exports: Object.fromEntries(entries) };
  await writeFile(path.join(folder, 'package.json'), JSON.stringify(published));
}
