import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** How the name of a file ends that is only being written. */
export const UNFINISHED = '.turingpi-tmp';

/**
 * Writes a file that appears under its name only when all of it is on the disk.
 *
 * @param content - what is in it; when it throws, or the signal fires, nothing stays
 */
export async function writeWholeFile(
  file: string,
  content: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<void> {
  const directory = dirname(file);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const draft = join(directory, `.${basename(file)}.${randomBytes(6).toString('hex')}${UNFINISHED}`);
  try {
    await using handle = await open(draft, 'wx', 0o600);
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
