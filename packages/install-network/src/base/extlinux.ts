import { posix } from 'node:path';
import type { ImageFiles } from '@turingpi/image';
import { baseUnsupported, BootFileCollector, type BootFiles, releaseOf } from './boot-files.js';
import type { ModuleHardware } from './module-hardware.js';

const PLACES = ['/extlinux/extlinux.conf', '/boot/extlinux/extlinux.conf'];

/** One entry of the menu that U-Boot makes of an `extlinux.conf`. */
export interface ExtlinuxEntry {
  readonly kernel: string;
  readonly initrd: string | undefined;
  readonly deviceTree: string | undefined;
  readonly deviceTreeDirectory: string | undefined;
  readonly overlays: readonly string[];
}

/** What U-Boot would read of a partition with an `extlinux.conf`; undefined when it has none. */
export async function readExtlinux(
  files: ImageFiles,
  { deviceTree }: ModuleHardware,
): Promise<BootFiles | undefined> {
  const collector = new BootFileCollector(files);
  for (const place of PLACES) {
    if (!(await collector.take(place))) continue;
    const entry = parseExtlinux(collector.textOf(place) ?? '', posix.dirname(place));
    if (entry?.initrd === undefined) throw baseUnsupported(`${place} has no default entry with an initrd`);
    for (const path of [entry.kernel, entry.initrd, ...entry.overlays]) await collector.take(path);
    const { deviceTree: own, deviceTreeDirectory } = entry;
    let trees = 0;
    if (own !== undefined && deviceTree.test(posix.basename(own)) && (await collector.take(own))) trees += 1;
    if (deviceTreeDirectory !== undefined)
      trees += await collector.takeTree(deviceTreeDirectory, (name) => deviceTree.test(name));
    const named = own ?? deviceTreeDirectory;
    if (named !== undefined && trees === 0)
      throw baseUnsupported(`it has no device tree for this module in ${named}`);
    return collector.finish('extlinux', entry.kernel, entry.initrd, await releaseOf(files, entry.kernel));
  }
  return undefined;
}

/**
 * Reads the default entry of an `extlinux.conf` (U-Boot, doc/README.pxe).
 *
 * @param directory - of the file, which other paths are relative to
 * @returns Undefined when there is no entry with a kernel.
 */
export function parseExtlinux(text: string, directory: string): ExtlinuxEntry | undefined {
  const entries = new Map<string, Map<string, string>>();
  let current = new Map<string, string>();
  let wanted: string | undefined;
  for (const line of text.split('\n')) {
    const [, rawKey = '', value = ''] = /^\s*(\S+)\s*(.*?)\s*$/.exec(line) ?? [];
    const key = rawKey.toLowerCase();
    if (key === 'default') wanted = value;
    else if (key === 'label') {
      current = new Map<string, string>();
      entries.set(value, current);
    } else current.set(key, value);
  }
  const entry = entries.get(wanted ?? '') ?? [...entries.values()][0];
  const kernel = entry?.get('linux') ?? entry?.get('kernel');
  if (entry === undefined || kernel === undefined) return undefined;
  const at = (path: string | undefined) => (path ? posix.resolve(directory, path) : undefined);
  return {
    kernel: posix.resolve(directory, kernel),
    initrd: at(entry.get('initrd')),
    deviceTree: at(entry.get('fdt') ?? entry.get('devicetree')),
    deviceTreeDirectory: at(entry.get('fdtdir') ?? entry.get('devicetreedir')),
    overlays: (entry.get('fdtoverlays') ?? entry.get('devicetree-overlay') ?? '')
      .split(/\s+/)
      .filter((path) => path !== '')
      .map((path) => posix.resolve(directory, path)),
  };
}
