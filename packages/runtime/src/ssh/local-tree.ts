import { lstatSync, readdirSync, readlinkSync, type Stats, statSync } from 'node:fs';
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
 * @remarks It asks the system directly: through the thread pool, a question about a file takes ten times as long as its
 * answer. Symbolic links are entries of their own and are not followed; the directory itself may be one.
 * @throws RuntimeError `LOCAL_FILE_UNREADABLE`, also for what is neither file, directory nor symbolic link.
 */
export function* walkLocalTree(directory: string): Generator<TreeEntry> {
  const top = readable(directory, () => statSync(directory));
  if (!top.isDirectory()) throw unreadable(directory, 'it is no directory');
  yield* walk(directory, '');
}

function* walk(directory: string, prefix: string): Generator<TreeEntry> {
  for (const name of readable(directory, () => readdirSync(directory)).sort()) {
    const entry = entryOf(join(directory, name), prefix + name);
    yield entry;
    if (entry.kind === 'directory') yield* walk(entry.localPath, `${entry.name}/`);
  }
}

function entryOf(localPath: string, name: string): TreeEntry {
  const stats = readable(localPath, () => lstatSync(localPath));
  const kind = kindOf(stats);
  if (kind === undefined)
    throw unreadable(localPath, 'it is neither a file, nor a directory, nor a symbolic link');
  return {
    ...{ name, localPath, kind },
    mode: modeOf(stats),
    size: kind === 'file' ? stats.size : 0,
    modified: Math.floor(stats.mtimeMs / 1000),
    target: kind === 'symlink' ? readable(localPath, () => readlinkSync(localPath)) : undefined,
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

/** Does what reads a path. @throws RuntimeError `LOCAL_FILE_UNREADABLE` for what the system says against it. */
export function readable<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw unreadable(path, (cause as NodeJS.ErrnoException).code ?? String(cause), cause);
  }
}
