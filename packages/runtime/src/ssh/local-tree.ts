import type { Stats } from 'node:fs';
import { lstat, readdir, readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { RuntimeError } from '../runtime-error.js';

/** What is in a directory of this machine. */
export interface TreeEntry {
  /** Below the directory, with `/`. */
  readonly name: string;
  readonly localPath: string;
  readonly kind: 'directory' | 'file' | 'symlink';
  /** Permission bits. */
  readonly mode: number;
  /** Bytes of a file. */
  readonly size: number;
  /** Seconds since 1970. */
  readonly modified: number;
  /** Where a symbolic link leads, as it says itself. */
  readonly target: string | undefined;
}

/**
 * Everything below a directory of this machine, a directory before what is in it, in the order of names.
 *
 * @remarks Symbolic links are entries of their own and are not followed; the directory itself may be one.
 * @throws RuntimeError `LOCAL_FILE_UNREADABLE`, also for what is neither file, directory nor symbolic link.
 */
export async function* walkLocalTree(directory: string): AsyncGenerator<TreeEntry> {
  const top = await readable(directory, () => stat(directory));
  if (!top.isDirectory()) throw unreadable(directory, 'it is no directory');
  yield* walk(directory, '');
}

async function* walk(directory: string, prefix: string): AsyncGenerator<TreeEntry> {
  const names = await readable(directory, () => readdir(directory));
  const entries = await Promise.all(
    names.sort().map((name) => entryOf(join(directory, name), prefix + name)),
  );
  for (const entry of entries) {
    yield entry;
    if (entry.kind === 'directory') yield* walk(entry.localPath, `${entry.name}/`);
  }
}

async function entryOf(localPath: string, name: string): Promise<TreeEntry> {
  const stats = await readable(localPath, () => lstat(localPath));
  const kind = kindOf(stats);
  if (kind === undefined)
    throw unreadable(localPath, 'it is neither a file, nor a directory, nor a symbolic link');
  return {
    ...{ name, localPath, kind },
    mode: modeOf(stats),
    size: kind === 'file' ? stats.size : 0,
    modified: Math.floor(stats.mtimeMs / 1000),
    target: kind === 'symlink' ? await readable(localPath, () => readlink(localPath)) : undefined,
  };
}

function kindOf(stats: Stats): TreeEntry['kind'] | undefined {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  return stats.isSymbolicLink() ? 'symlink' : undefined;
}

/** Windows has no permission bits worth a copy. */
function modeOf(stats: Stats): number {
  if (process.platform === 'win32') return stats.isDirectory() ? 0o755 : 0o644;
  return stats.mode & 0o7777;
}

/** The error for something of this machine that cannot be copied. */
export function unreadable(path: string, why: string, cause?: unknown): RuntimeError {
  return new RuntimeError('LOCAL_FILE_UNREADABLE', `The local path ${path} cannot be read: ${why}.`, {
    cause,
  });
}

async function readable<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    throw unreadable(path, (cause as NodeJS.ErrnoException).code ?? String(cause), cause);
  }
}
