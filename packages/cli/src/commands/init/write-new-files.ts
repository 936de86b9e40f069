import { link, open, rename, rm, unlink } from 'node:fs/promises';
import { UsageError } from '../../process/usage-error.js';

/** A file that is to be written. */
export interface NewFile {
  /** Absolute. */
  readonly path: string;
  readonly content: string;
  readonly mode: number;
}

/**
 * Writes files whole or not at all: each is complete before it has its name, and when one of them cannot be written, those
 * that were made before it are removed.
 *
 * @param options - `overwrite`: those that are there are replaced
 * @throws UsageError for one that is there, or cannot be written
 */
export async function writeNewFiles(
  files: readonly NewFile[],
  { overwrite }: { readonly overwrite: boolean },
): Promise<void> {
  const made: string[] = [];
  try {
    for (const file of files) {
      await writeOne(file, overwrite);
      if (!overwrite) made.push(file.path);
    }
  } catch (error) {
    for (const path of made) await rm(path, { force: true });
    throw error;
  }
}

async function writeOne({ path, content, mode }: NewFile, overwrite: boolean): Promise<void> {
  const part = `${path}.${process.pid}.part`;
  try {
    const handle = await open(part, 'wx', mode);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    // A link, other than a new name, never takes the place of what is there.
    if (overwrite) await rename(part, path);
    else await link(part, path);
  } catch (cause) {
    const { code = 'unknown' } = cause as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw isThere(path);
    throw new UsageError(`cannot write ${path}: ${code}`, 'Choose another file with -o.');
  } finally {
    await unlink(part).catch(() => undefined);
  }
}

/** What is said of a file that would have to be replaced. */
export function isThere(path: string): UsageError {
  return new UsageError(
    `${path} is there already`,
    'Give --overwrite to replace it, or another file with -o.',
  );
}
