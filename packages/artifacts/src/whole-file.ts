import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** How the name of a file ends that is only being written. */
export const UNFINISHED = '.turingpi-tmp';

/** Whose file it is: of this user alone; or of whoever may write to a directory that several share, which is there. */
export type Audience = 'own' | 'shared';

/**
 * Writes a file that appears under its name only when all of it is on the disk.
 *
 * @param content - what is in it; when it throws, or the signal fires, nothing stays
 * @param audience - beneath a shared directory one folder is made at most: what is not mounted is not made up
 */
export async function writeWholeFile(
  file: string,
  content: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
  audience: Audience,
): Promise<void> {
  const directory = dirname(file);
  if (audience === 'own') await mkdir(directory, { recursive: true, mode: 0o700 });
  else await mkdir(directory).catch(unlessThere);
  const draft = join(directory, `.${basename(file)}.${randomBytes(6).toString('hex')}${UNFINISHED}`);
  try {
    await using handle = await open(draft, 'wx', audience === 'own' ? 0o600 : 0o666);
    for await (const chunk of content) {
      signal.throwIfAborted();
      await handle.writeFile(chunk);
    }
    await handle.sync();
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw error;
  }
}

function unlessThere(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}
