import { randomBytes } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Puts a file into the cache at once, or not at all: that it cannot be kept there fails nothing.
 *
 * @returns Whether it is there.
 */
export async function writeCacheFile(file: string, content: string | Uint8Array): Promise<boolean> {
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(draft, content, { mode: 0o600 });
    await rename(draft, file);
    return true;
  } catch {
    await rm(draft, { force: true }).catch(() => undefined); // full, read-only, or somebody else's
    return false;
  }
}
