import { lstat, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CleanupStack, type LockHolder, makeDirectory, ProcessLock } from '@turingpi/foundation';

/** Another virtual board has the directory: two would write to the same disks. */
export class BoardDirectoryInUse extends Error {
  override readonly name = 'BoardDirectoryInUse';

  /** @param holder - the process that serves it, as far as it is known */
  constructor(
    readonly directory: string,
    readonly holder: LockHolder | undefined,
  ) {
    super(`another virtual board has ${directory}`);
  }
}

/**
 * The directory of a board, for it alone until the cleanup.
 *
 * @param given - undefined: a temporary one, which is removed at the end
 * @param unstarted - what is undone should the board not start, after the cleanup: one that was made for it goes
 * @throws BoardDirectoryInUse
 */
export async function openBoardDirectory(
  given: string | undefined,
  cleanup: CleanupStack,
  unstarted: CleanupStack,
): Promise<string> {
  if (given !== undefined) {
    const wasThere = (await lstat(given).catch(() => undefined)) !== undefined;
    await makeDirectory(given);
    const refused = (holder: LockHolder | undefined) => new BoardDirectoryInUse(given, holder);
    const lock = await ProcessLock.acquire(join(given, 'board'), { limit: { waitMs: 0, refused } });
    cleanup.use('directory', lock);
    if (!wasThere) unstarted.defer('new directory', () => rm(given, { recursive: true, force: true }));
    return given;
  }
  const dir = await mkdtemp(join(tmpdir(), 'turingpi-board-'));
  cleanup.defer('temporary directory', () => rm(dir, { recursive: true, force: true }));
  return dir;
}
