import type { ImageFiles } from '@turingpi/image';
import { NetworkInstallError } from '../network-install-error.js';

/** Of one file; kernels are smaller. */
const MAX_FILE_BYTES = 96 * 1024 * 1024;
/** Of all of them together: what goes through the controller is to stay small. */
const MAX_TOTAL_BYTES = 96 * 1024 * 1024;

const MAX_TEXT_BYTES = 64 * 1024;

/** How a base image starts its kernel. */
export type BootMethod = 'raspberry-pi' | 'extlinux' | 'boot-script' | 'efi';

/** What a boot loader reads of a base image, by the paths under which it looks for it. */
export interface BootFiles {
  readonly method: BootMethod;
  /** All but the initrd. Paths begin with a slash. */
  readonly files: ReadonlyMap<string, Buffer>;
  readonly initrd: { readonly path: string; readonly content: Buffer };
  /** Release of the kernel, for example `6.1.0-1025-rockchip`; undefined when its name does not tell. */
  readonly kernelRelease: string | undefined;
}

/** Files of one partition on their way into the installer's: links are followed, so that a FAT can hold them. */
export class BootFileCollector {
  readonly #files = new Map<string, Buffer>();
  #total = 0;

  constructor(readonly source: ImageFiles) {}

  /** Takes a file under the path that it is asked for by. @returns Whether it is there. */
  async take(path: string): Promise<boolean> {
    if (this.#files.has(path)) return true;
    const stat = await this.#statOf(path);
    if (stat?.type !== 'file') return false;
    this.#total += stat.size;
    if (this.#total > MAX_TOTAL_BYTES)
      throw new NetworkInstallError(
        'INSTALLER_TOO_LARGE',
        `what the base image needs to boot is larger than ${MAX_TOTAL_BYTES / 2 ** 20} MiB (at ${path})`,
        { hint: 'Use the strategy `flash` for this image.', details: { path, bytes: this.#total } },
      );
    this.#files.set(path, await this.source.readFile(path, { maxBytes: MAX_FILE_BYTES }));
    return true;
  }

  /** Takes what of a directory and those below it is wanted. @returns How many files. */
  async takeTree(directory: string, isWanted: (name: string) => boolean, depth = 2): Promise<number> {
    if ((await this.#statOf(directory))?.type !== 'directory') return 0;
    let taken = 0;
    for (const { name, type } of await this.source.list(directory)) {
      const path = join(directory, name);
      const isDirectory = type === 'directory';
      if (isDirectory && depth > 0) taken += await this.takeTree(path, isWanted, depth - 1);
      else if (!isDirectory && isWanted(name) && (await this.take(path))) taken += 1;
    }
    return taken;
  }

  /** Gives a file other content. */
  replace(path: string, content: Buffer): void {
    this.#files.set(path, content);
  }

  /** The begin of a file as text: settings are short, whatever an image has under their name. */
  textOf(path: string): string | undefined {
    return this.#files.get(path)?.toString('utf8', 0, MAX_TEXT_BYTES);
  }

  /** @param initrd - path of the initrd, which must have been taken */
  finish(method: BootMethod, kernel: string, initrd: string, kernelRelease: string | undefined): BootFiles {
    const content = this.#files.get(initrd);
    if (content === undefined || !this.#files.has(kernel))
      throw baseUnsupported(
        `its ${content === undefined ? `initrd ${initrd}` : `kernel ${kernel}`} is not there`,
      );
    const files = new Map(this.#files);
    files.delete(initrd);
    return { method, files, initrd: { path: initrd, content }, kernelRelease };
  }

  async #statOf(path: string) {
    return (await this.source.exists(path)) ? await this.source.stat(path) : undefined;
  }
}

/** The release in the name of a kernel's file, links followed. */
export async function releaseOf(files: ImageFiles, kernel: string): Promise<string | undefined> {
  const name = (await files.realPath(kernel)).split('/').at(-1) ?? '';
  return /^(?:vmlinu[xz]|Image|kernel)-(.+)$/.exec(name)?.[1];
}

/** Joins an absolute path and a name. */
export function join(directory: string, name: string): string {
  return directory.endsWith('/') ? `${directory}${name}` : `${directory}/${name}`;
}

/** The error for a base image that no installer can be made of. */
export function baseUnsupported(why: string): NetworkInstallError {
  return new NetworkInstallError(
    'INSTALLER_BASE_UNSUPPORTED',
    `no installer can be made of the base image: ${why}`,
    { hint: 'Use the strategy `flash`, which writes the whole image through the BMC.' },
  );
}
