import type { ImageFiles } from '@turingpi/image';
import { baseUnsupported, BootFileCollector, type BootFiles, join, releaseOf } from './boot-files.js';

const LOADER = '/EFI/BOOT/BOOTAA64.EFI';
const KERNEL_LINKS = ['/boot/vmlinuz', '/vmlinuz'];
const KERNEL = '/turingpi/vmlinuz';
const INITRD = '/turingpi/initrd';
const MENUS = ['/boot/grub/grub.cfg', '/boot/grub2/grub.cfg'];

/**
 * What UEFI and GRUB would read of an EFI system partition and the root filesystem; undefined when the partition is none.
 *
 * @remarks GRUB looks for its menu by the UUID of a filesystem that the installer does not have, so it is given one that
 * starts the base's own kernel.
 */
export async function readEfi(esp: ImageFiles, root: ImageFiles): Promise<BootFiles | undefined> {
  if (esp.fileSystem.kind !== 'fat' || !(await esp.exists(LOADER))) return undefined;
  const collector = new BootFileCollector(esp);
  await collector.takeTree('/EFI', () => true);
  const kernel = await kernelOf(root);
  const initrd = `${kernel.slice(0, kernel.lastIndexOf('/'))}/initrd.img-${(await releaseOf(root, kernel)) ?? ''}`;
  if (!(await root.exists(initrd)))
    throw baseUnsupported(`there is no initrd ${initrd} for its kernel ${kernel}`);
  const large = { maxBytes: 96 * 1024 * 1024 };
  collector.replace(KERNEL, await root.readFile(kernel, large));
  collector.replace(INITRD, await root.readFile(initrd, large));
  const menu = Buffer.from(
    [
      `search --no-floppy --file --set=root ${KERNEL}`,
      `linux ${KERNEL} ${await consolesOf(root)}`,
      `initrd ${INITRD}`,
      'boot',
      '',
    ].join('\n'),
  );
  for (const { name, type } of await esp.list('/EFI'))
    if (type === 'directory') collector.replace(`/EFI/${name}/grub.cfg`, menu);
  return collector.finish('efi', KERNEL, INITRD, await releaseOf(root, kernel));
}

async function kernelOf(root: ImageFiles): Promise<string> {
  for (const link of KERNEL_LINKS) if (await root.exists(link)) return await root.realPath(link);
  const names = (await root.exists('/boot')) ? (await root.list('/boot')).map(({ name }) => name) : [];
  const newest = names
    .filter((name) => name.startsWith('vmlinuz-'))
    .sort()
    .at(-1);
  if (newest === undefined) throw baseUnsupported('there is no kernel in /boot');
  return join('/boot', newest);
}

/** The consoles that the base's own menu gives the kernel. */
async function consolesOf(root: ImageFiles): Promise<string> {
  for (const path of MENUS) {
    const menu = (await root.exists(path)) ? await root.readText(path) : undefined;
    const parameters = /^\s*linux\s+\S+\s+(.*)$/m.exec(menu ?? '')?.[1];
    if (parameters !== undefined)
      return parameters
        .split(/\s+/)
        .filter((parameter) => parameter.startsWith('console='))
        .join(' ');
  }
  return '';
}
