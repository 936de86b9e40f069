import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** A package that says it is a plugin, as a test wants it. */
export interface PluginPackage {
  /** What package.json says besides name and version. */
  readonly manifest?: Readonly<Record<string, unknown>>;
  /** The module at ./index.js. */
  readonly module?: string;
}

const POINT = "extensionPoints: [{ key: 'boards', title: 'board', nodeKey: 'board' }]";
const BRAND = "[Symbol.for('@turingpi/core:plugin')]: true";

/** A plugin module without any import: what definePlugin() makes, written out. */
export function pluginModule(name: string, body = '', apiVersion = 1): string {
  return `export default { name: '${name}', apiVersion: ${apiVersion}, ${BRAND}, ${POINT}, ${body} };`;
}

/** A board driver class in plain JavaScript. */
export function boardClass(id: string): string {
  return `class { id = '${id}'; title = '${id}'; strategies = []; }`;
}

export const MANIFEST = { turingpi: { plugin: './index.js', kind: 'board', api: 1 } };

/** Writes a package into a folder. */
export async function writePackage(
  folder: string,
  name: string,
  { manifest = MANIFEST, module = pluginModule(name) }: PluginPackage = {},
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const packageJson = { name, version: '1.2.3', type: 'module', ...manifest };
  await writeFile(path.join(folder, 'package.json'), JSON.stringify(packageJson));
  await writeFile(path.join(folder, 'index.js'), module);
  return folder;
}

/** Writes a project that depends on packages, each installed in its node_modules. */
export async function writeProject(
  folder: string,
  packages: Readonly<Record<string, PluginPackage>>,
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const dependencies = Object.fromEntries(Object.keys(packages).map((name) => [name, '*']));
  await writeFile(path.join(folder, 'package.json'), JSON.stringify({ dependencies }));
  for (const [name, content] of Object.entries(packages))
    await writePackage(path.join(folder, 'node_modules', name), name, content);
  return folder;
}
