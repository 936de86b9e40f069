import type { Stats } from 'node:fs';
import { lstat, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { ConfigError } from '../errors/config-error.js';
import { noCacheDirectory } from '../errors/no-cache-directory.js';
import { makeDirectory } from '@turingpi/foundation';

/** Files in a cache directory that decide what is done, or hold what nobody else may know. */
const TRUSTED = /\.(json|key|journal)$|^bmc-tokens$/;
const WRITABLE_BY_GROUP_OR_OTHERS = 0o022;
const WRITABLE_BY_OTHERS = 0o002;

/**
 * Makes the cache directory where it is missing, and sees to it that nobody else can say what is in it: what it holds
 * decides which nodes are skipped and what is written to the others.
 *
 * @throws ConfigError `CONFIG_INVALID` when it cannot be made; `CACHE_DIR_NOT_OURS` when it, or a file in it that is
 * trusted, belongs to another user or can be written by others.
 */
export async function prepareCacheDirectory(directory: string, userId = process.getuid?.()): Promise<void> {
  try {
    await makeDirectory(directory);
  } catch (cause) {
    throw noCacheDirectory(directory, cause);
  }
  if (userId === undefined) return; // Windows keeps a user's own directories by other means
  check(directory, await stat(directory), userId, WRITABLE_BY_GROUP_OR_OTHERS);
  for (const name of await namesIn(directory)) {
    if (!TRUSTED.test(name)) continue;
    const file = path.join(directory, name);
    // A link of somebody else is as bad as a file of theirs; one that is gone meanwhile is nobody's.
    for (const look of [lstat, stat]) {
      const found = await look(file).catch(() => undefined);
      if (found && !found.isSymbolicLink()) check(file, found, userId, WRITABLE_BY_OTHERS);
      else if (found && found.uid !== userId)
        throw notOurs(file, `belongs to user ${found.uid}`, ownerHint(file));
    }
  }
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (cause) {
    throw notOurs(
      directory,
      'cannot be read',
      'Choose another `cacheDir`, or make it readable for you.',
      cause,
    );
  }
}

function check(file: string, { uid, mode }: Stats, userId: number, writable: number): void {
  if (uid !== userId) throw notOurs(file, `belongs to user ${uid}, not to you (${userId})`, ownerHint(file));
  if ((mode & writable) !== 0)
    throw notOurs(file, 'can be written by other users', `Run \`chmod go-w ${file}\`.`);
}

function ownerHint(file: string): string {
  return `Choose another \`cacheDir\`, run as its owner, or take it over: \`chown\` ${file}.`;
}

function notOurs(file: string, problem: string, hint: string, cause?: unknown): ConfigError {
  return new ConfigError('CACHE_DIR_NOT_OURS', `${file} ${problem}`, {
    hint,
    ...(cause === undefined ? {} : { cause }),
  });
}
