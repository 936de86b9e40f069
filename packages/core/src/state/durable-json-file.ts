import { readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Adapter } from 'lowdb';
import { writeDurably } from './durable-write.js';

/** What follows a file's name in the names of its temporary files: the writer's process number, and chance. */
const TEMPORARY = /^\d+\.[0-9a-f]{8}\.turingpi-tmp$/;

/**
 * A lowdb adapter that survives a power cut: temporary file beside the target, fsync, rename, fsync of the directory.
 * Files have mode 0600.
 *
 * @remarks lowdb's own file adapter renames without fsync and leaves the mode to the umask.
 */
export class DurableJsonFile<T> implements Adapter<T> {
  constructor(
    private readonly file: string,
    private readonly parse: (text: string) => T,
  ) {}

  async read(): Promise<T | null> {
    try {
      return this.parse(await readFile(this.file, 'utf8'));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null; // lowdb's word for "no file yet"
      throw error;
    }
  }

  removeLeftovers(): Promise<void> {
    return removeLeftovers(this.file);
  }

  write(data: T): Promise<void> {
    return writeDurably(this.file, `${JSON.stringify(data, null, 2)}\n`);
  }
}

/**
 * Removes the temporary files of writers that died between write and rename. Only for the one who may write: a living
 * writer that lost its place then fails to rename, instead of bringing old data back.
 */
export async function removeLeftovers(file: string): Promise<void> {
  const directory = path.dirname(file);
  const prefix = `.${path.basename(file)}.`;
  for (const name of await readdir(directory))
    if (name.startsWith(prefix) && TEMPORARY.test(name.slice(prefix.length)))
      // Somebody else's, perhaps: then it stays, which harms nobody.
      await rm(path.join(directory, name), { force: true }).catch(() => undefined);
}
