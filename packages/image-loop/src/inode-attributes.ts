import type { Stats } from 'node:fs';
import { chmod, chown, constants, open, utimes } from 'node:fs/promises';
import type { FileAttributes, FileType } from '@turingpi/image/backend';
import { O_PATH, viaDescriptor } from './anchored-path.js';
import { fileType } from './file-stat.js';

/** Changes attributes of what is at a path, whatever it is; a symlink itself, not what it names. */
export async function setAttributesOf(native: Buffer, attributes: FileAttributes): Promise<void> {
  const handle = await open(native, O_PATH | constants.O_NOFOLLOW);
  try {
    await applyAttributes(viaDescriptor(handle), fileType(await handle.stat()), attributes);
  } finally {
    await handle.close();
  }
}

/**
 * Changes attributes of what is open.
 *
 * @param exact - A path through a descriptor: what it has open is changed, also when that is a symlink.
 */
export async function applyAttributes(
  exact: string,
  type: FileType,
  attributes: FileAttributes,
): Promise<void> {
  const { mode, uid, gid, mtime } = attributes;
  if (uid !== undefined || gid !== undefined) {
    const before = await statThrough(exact);
    await chown(exact, uid ?? before.uid, gid ?? before.gid);
    // chown takes setuid and setgid away; owners alone are to change.
    if (mode === undefined && type === 'file') await chmod(exact, before.mode & 0o7777);
  }
  if (mode !== undefined && type !== 'symlink') await chmod(exact, mode & 0o7777);
  if (mtime !== undefined) await utimes(exact, mtime, mtime);
}

async function statThrough(exact: string): Promise<Stats> {
  const handle = await open(exact, O_PATH);
  try {
    return await handle.stat();
  } finally {
    await handle.close();
  }
}
