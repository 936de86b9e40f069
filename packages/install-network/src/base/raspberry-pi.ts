import type { ImageFiles } from '@turingpi/image';
import { baseUnsupported, BootFileCollector, type BootFiles, join } from './boot-files.js';
import type { ModuleHardware } from './module-hardware.js';

const FIRMWARE = /^(?:start4|start4x|start4cd|fixup4|fixup4x|fixup4cd)\.(?:elf|dat)$/;
/** Sections of config.txt that hold for a CM4. */
const SECTIONS = ['all', 'pi4', 'cm4'];

/** What config.txt decides of how a CM4 starts. */
export interface PiBootSettings {
  /** Directory in which kernel, device trees and command line are looked for first; ends with a slash. */
  readonly prefix: string;
  readonly kernel: string;
  /** Undefined when no initramfs is loaded. */
  readonly initramfs: string | undefined;
}

/** What the firmware of a Raspberry Pi would read of its boot partition; undefined when it is none. */
export async function readRaspberryPi(
  files: ImageFiles,
  { deviceTree }: ModuleHardware,
): Promise<BootFiles | undefined> {
  if (files.fileSystem.kind !== 'fat' || !(await files.exists('/config.txt'))) return undefined;
  const collector = new BootFileCollector(files);
  await collector.take('/config.txt');
  const config = collector.textOf('/config.txt') ?? '';
  const { prefix, kernel, initramfs } = parsePiConfig(config);
  if (initramfs === undefined) throw baseUnsupported('config.txt loads no initramfs');
  if ((await collector.takeTree('/', (name) => FIRMWARE.test(name), 0)) === 0)
    throw baseUnsupported('its boot partition has no start4.elf: it is not for a CM4');
  const places = prefix === '' ? ['/'] : [join('/', prefix), '/'];
  const first = async (name: string): Promise<string | undefined> => {
    for (const place of places) if (await collector.take(join(place, name))) return join(place, name);
    return undefined;
  };
  const kernelPath = await first(kernel);
  const initrdPath = await first(initramfs);
  if (kernelPath === undefined || initrdPath === undefined)
    throw baseUnsupported(
      `its boot partition has no ${kernelPath === undefined ? kernel : initramfs}, which config.txt names`,
    );
  await first('cmdline.txt');
  let trees = 0;
  for (const place of places) {
    trees += await collector.takeTree(place, (name) => deviceTree.test(name), 0);
    await collector.takeTree(join(place, 'overlays'), () => true, 0);
  }
  if (trees === 0) throw baseUnsupported('its boot partition has no device tree for a CM4');
  // Without it the console, on which the installer is seen, stays silent.
  collector.replace('/config.txt', Buffer.from(`${config}\n[all]\nenable_uart=1\n`));
  return collector.finish('raspberry-pi', kernelPath, initrdPath, undefined);
}

/**
 * Reads what config.txt says for a CM4 that runs a 64-bit system
 * (https://www.raspberrypi.com/documentation/computers/config_txt.html).
 */
export function parsePiConfig(text: string): PiBootSettings {
  const values = new Map<string, string>();
  let holds = true;
  for (const line of text.split('\n').map((written) => written.replace(/#.*/, '').trim())) {
    const section = /^\[(.+)\]$/.exec(line)?.[1];
    if (section !== undefined) holds = SECTIONS.includes(section.toLowerCase());
    if (!holds) continue;
    const initramfs = /^initramfs[ =]+(\S+)/.exec(line)?.[1];
    if (initramfs !== undefined) values.set('initramfs', initramfs);
    const [, key, value] = /^(\w+)=(.*)$/.exec(line) ?? [];
    if (key !== undefined && value !== undefined && initramfs === undefined) values.set(key, value.trim());
  }
  const kernel = values.get('kernel') ?? 'kernel8.img';
  const automatic = values.get('auto_initramfs') === '1' ? 'initramfs8' : undefined;
  return { prefix: values.get('os_prefix') ?? '', kernel, initramfs: values.get('initramfs') ?? automatic };
}
