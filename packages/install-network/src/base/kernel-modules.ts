import { posix } from 'node:path';
import type { ImageFiles } from '@turingpi/image';
import type { CpioEntry } from '../archive/cpio-archive.js';
import { NetworkInstallError } from '../network-install-error.js';
import type { ModuleHardware } from './module-hardware.js';

/** What `modprobe` looks in to find a module; those of the initrd name only what is in it. */
const INDEXES = [
  'modules.dep',
  'modules.dep.bin',
  'modules.alias',
  'modules.alias.bin',
  'modules.symbols.bin',
  'modules.softdep',
  'modules.builtin',
  'modules.builtin.bin',
  'modules.builtin.alias.bin',
  'modules.builtin.modinfo',
  'modules.order',
];
const MAX_INDEX_BYTES = 16 * 1024 * 1024;

/**
 * Takes the drivers of the module's network port out of the root filesystem, with what they depend on: an initrd that is
 * made for a root on a disk need not have them.
 *
 * @param release - of the kernel; undefined: the newest that has modules
 * @throws NetworkInstallError `INSTALLER_PROGRAM_MISSING` when a driver is neither there nor built into the kernel.
 */
export async function takeKernelModules(
  root: ImageFiles,
  release: string | undefined,
  { networkDrivers, otherDrivers }: ModuleHardware,
): Promise<CpioEntry[]> {
  const directory = await moduleDirectory(root, release);
  if (directory === undefined) return []; // a kernel without modules has its drivers built in
  const text = async (name: string) => (await readIndex(root, posix.join(directory, name)))?.toString() ?? '';
  const dependencies = parseModulesDep(await text('modules.dep'));
  const builtIn = new Set((await text('modules.builtin')).split('\n').map(moduleName));
  const missing = networkDrivers.filter((name) => !dependencies.has(name) && !builtIn.has(name));
  if (missing.length > 0)
    throw new NetworkInstallError(
      'INSTALLER_PROGRAM_MISSING',
      `the kernel of the base image has no driver for the network port: ${missing.join(', ')} in ${directory}`,
      { hint: 'Use the strategy `flash`, or a base image with another kernel.', details: { missing } },
    );
  const wanted = new Set<string>();
  for (const name of [...networkDrivers, ...otherDrivers])
    for (const path of dependencies.get(name) ?? []) wanted.add(path);
  const entries: CpioEntry[] = [];
  for (const path of [...wanted].sort()) {
    const content = await root.readFile(posix.join(directory, path), { maxBytes: MAX_INDEX_BYTES });
    entries.push({ path: posix.join(directory, path).slice(1), content });
  }
  for (const name of INDEXES) {
    const content = await readIndex(root, posix.join(directory, name));
    if (content !== undefined) entries.push({ path: posix.join(directory, name).slice(1), content });
  }
  return [...parentsOf(entries), ...entries];
}

/** Modules by name, with the files of their own and of what they need; all relative to the index. */
export function parseModulesDep(text: string): ReadonlyMap<string, readonly string[]> {
  const all = new Map<string, readonly string[]>();
  for (const line of text.split('\n')) {
    const [path = '', needed = ''] = line.split(':');
    const files = [path, ...needed.trim().split(/\s+/)].filter((file) => isInside(file));
    if (isInside(path)) all.set(moduleName(path), files);
  }
  return all;
}

/** A path in an index that leads out of its directory is nobody's module. */
function isInside(path: string): boolean {
  return path !== '' && !path.startsWith('/') && !path.split('/').includes('..');
}

function moduleName(path: string): string {
  return posix
    .basename(path)
    .replace(/\.ko(?:\.\w+)?$/, '')
    .replaceAll('-', '_');
}

async function moduleDirectory(root: ImageFiles, release: string | undefined): Promise<string | undefined> {
  if (!(await root.exists('/lib/modules'))) return undefined;
  const releases = (await root.list('/lib/modules'))
    .filter(({ type }) => type === 'directory')
    .map(({ name }) => name);
  const found = release !== undefined && releases.includes(release) ? release : releases.sort().at(-1);
  // Under the path that it has when /lib is a link: the kernel unpacks through links, not over them.
  return found && (await root.realPath(`/lib/modules/${found}`));
}

async function readIndex(root: ImageFiles, path: string): Promise<Buffer | undefined> {
  return (await root.exists(path)) ? await root.readFile(path, { maxBytes: MAX_INDEX_BYTES }) : undefined;
}

/** Directories of files, from the outside in; `/usr` and `/lib` are there in every initrd, and may be links. */
function parentsOf(entries: readonly CpioEntry[]): CpioEntry[] {
  const parents = new Set<string>();
  for (const { path } of entries) {
    const names = path.split('/');
    for (let depth = 1; depth < names.length; depth++) parents.add(names.slice(0, depth).join('/'));
  }
  return [...parents]
    .filter((path) => !['usr', 'lib', 'usr/lib'].includes(path))
    .sort()
    .map((path) => ({ path, content: 'directory' }));
}
