import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';

/**
 * Makes a directory and those above it that are missing.
 *
 * @remarks Not by `recursive` of Node: on a filesystem that refuses new names as if their parent were missing, as /proc
 * does, that tries for ever.
 * @param mode - permissions of what is made; default: for its owner alone
 * @throws What the system says about the first one that cannot be made.
 */
export async function makeDirectory(directory: string, mode = 0o700): Promise<void> {
  try {
    await mkdir(directory, { mode });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'EEXIST' && (await isDirectory(directory))) return;
    const parent = path.dirname(directory);
    if (code !== 'ENOENT' || parent === directory) throw cause;
    // It may have been made meanwhile; a filesystem that refuses new names says the same once more.
    if (!(await isDirectory(parent))) await makeDirectory(parent, mode);
    await mkdir(directory, { mode }).catch(async (error: unknown) => {
      // Another process may have been quicker.
      if (!(await isDirectory(directory))) throw error;
    });
  }
}

async function isDirectory(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined))?.isDirectory() === true;
}
