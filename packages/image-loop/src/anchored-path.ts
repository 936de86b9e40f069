import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { splitPath } from '@turingpi/image/backend';

const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } = constants;
/** Names an inode without opening it: no device is started, no FIFO waits. Linux's value on x86 and arm (open(2)). */
export const O_PATH = 0o10000000;

/** The last name of a path, in a directory that is held open. */
export interface AnchoredPath {
  /** For system calls that do not follow a link at the end: the held directory, and the name in it. */
  readonly native: Buffer;
  readonly parent: FileHandle;
}

/**
 * Walks to the directory a real path lies in, holding each directory open while the next one is opened from it.
 *
 * @remarks
 * Linux only. A component that is a symlink is refused by the kernel (`O_NOFOLLOW`), and because every step starts from
 * an open directory and not from a path, nothing that is exchanged meanwhile can lead out of the mounted image.
 * @param mountPoint - Absolute path of the host.
 * @throws the error of open(2).
 */
export async function withAnchoredPath<T>(
  mountPoint: string,
  path: string,
  use: (anchored: AnchoredPath) => Promise<T>,
): Promise<T> {
  const names = splitPath(path);
  const last = names.pop();
  let held = await open(mountPoint, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  try {
    for (const name of names) {
      const next = await open(
        Buffer.concat([Buffer.from(`${viaDescriptor(held)}/`), name]),
        O_RDONLY | O_DIRECTORY | O_NOFOLLOW,
      );
      await held.close();
      held = next;
    }
    const native = Buffer.concat([Buffer.from(`${viaDescriptor(held)}/`), last ?? Buffer.from('.')]);
    return await use({ native, parent: held });
  } finally {
    await held.close();
  }
}

/** A path that means exactly what a file handle has open. */
export function viaDescriptor(handle: FileHandle): string {
  return `/proc/self/fd/${handle.fd}`;
}
