import type { ImageFiles } from '@turingpi/image';
import { baseUnsupported, BootFileCollector, type BootFiles, join, releaseOf } from './boot-files.js';
import type { ModuleHardware } from './module-hardware.js';

const DIRECTORIES = ['/', '/boot'];
/** What a script is compiled from, its settings, and other scripts. */
const SETTINGS = /\.(?:scr|cmd|txt|env)$/;
const MAX_SETTINGS_BYTES = 64 * 1024;
/** As the scripts of Armbian and of Ubuntu for Rockchip call them; the first that is there is taken. */
const KERNELS = ['Image', 'vmlinuz', 'zImage', 'Image.gz'];
const INITRDS = ['uInitrd', 'initrd.img', 'initrd'];
const TREES = ['dtb', 'dtbs', 'device-tree'];

/**
 * What U-Boot would read of a partition with a `boot.scr`; undefined when it has none.
 *
 * @remarks What the script loads is known by the names that the scripts of Armbian and of Ubuntu v1.33 for the RK1 use.
 */
export async function readBootScript(
  files: ImageFiles,
  { deviceTree }: ModuleHardware,
): Promise<BootFiles | undefined> {
  for (const directory of DIRECTORIES) {
    const script = join(directory, 'boot.scr');
    if (!(await files.exists(script))) continue;
    const collector = new BootFileCollector(files);
    for (const { name } of await files.list(directory)) {
      const path = join(directory, name);
      if (SETTINGS.test(name) && (await files.stat(path)).size <= MAX_SETTINGS_BYTES)
        await collector.take(path);
    }
    const kernel = await firstOf(collector, directory, KERNELS);
    const initrd = await firstOf(collector, directory, INITRDS);
    if (kernel === undefined || initrd === undefined)
      throw baseUnsupported(`there is no ${kernel === undefined ? 'kernel' : 'initrd'} beside ${script}`);
    let trees = 0;
    for (const tree of TREES)
      trees += await collector.takeTree(join(directory, tree), (name) => deviceTree.test(name));
    if (trees === 0) throw baseUnsupported(`it has no device tree for this module beside ${script}`);
    return collector.finish('boot-script', kernel, initrd, await releaseOf(files, kernel));
  }
  return undefined;
}

async function firstOf(
  collector: BootFileCollector,
  directory: string,
  names: readonly string[],
): Promise<string | undefined> {
  for (const name of names) if (await collector.take(join(directory, name))) return join(directory, name);
  return undefined;
}
