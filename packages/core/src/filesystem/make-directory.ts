import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';

/**
 * Makes a directory and those above it that are missing, for their owner alone.
 *
 * @remarks Not by `recursive` of Node: on a filesystem that refuses new names as if their parent were missing, as /proc
 * does, that tries for ever.
 * @throws What the system says about the first one that cannot be made.
 */
export async function makeDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, { mode: 0o700 });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'EEXIST' && (await isDirectory(directory))) return;
    const parent = path.dirname(directory);
    if (code !== 'ENOENT' || parent === directory || (await isDirectory(parent))) throw cause;
    await makeDirectory(parent);
    await mkdir(directory, { mode: 0o700 }).catch(async (error: unknown) => {
      // Another process may have been quicker.
      if (!(await isDirectory(directory))) throw error;
    });
  }
}

async function isDirectory(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined))?.isDirectory() === true;
}
