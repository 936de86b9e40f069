import { randomBytes } from 'node:crypto';
import { open, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Adapter } from 'lowdb';

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

  /**
   * Removes the temporary files of writers that died between write and rename. Only for the one who may write: a
   * living writer that lost its place then fails to rename, instead of bringing old data back.
   */
  async removeLeftovers(): Promise<void> {
    const directory = path.dirname(this.file);
    const prefix = `.${path.basename(this.file)}.`;
    for (const name of await readdir(directory))
      if (name.startsWith(prefix) && TEMPORARY.test(name.slice(prefix.length)))
        // Somebody else's, perhaps: then it stays, which harms nobody.
        await rm(path.join(directory, name), { force: true }).catch(() => undefined);
  }

  async write(data: T): Promise<void> {
    const temporary = path.join(
      path.dirname(this.file),
      `.${path.basename(this.file)}.${process.pid}.${randomBytes(4).toString('hex')}.turingpi-tmp`,
    );
    try {
      const handle = await open(temporary, 'wx', 0o600);
      try {
        await handle.writeFile(`${JSON.stringify(data, null, 2)}\n`);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(temporary, this.file);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    await syncDirectory(path.dirname(this.file));
  }
}

/** Makes a rename durable. Windows cannot open directories and does not need it. */
async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
