import { chmod, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RuntimeError } from '../runtime-error.js';
import type { SshSession } from './ssh-session.js';

export interface DownloadDirectoryOptions {
  readonly signal?: AbortSignal | undefined;
  /** Read it as root. Default false. */
  readonly sudo?: boolean;
  /** Told of files that have come so far. */
  readonly onProgress?: (files: number) => void;
}

/** Names, kinds, modes and the targets of links below a directory, for GNU find; a name may hold anything but NUL. */
const LIST = ['-mindepth', '1', '-printf', '%y\\0%m\\0%P\\0%l\\0'];
const LARGEST_LIST_BYTES = 64 << 20;
/** Read as root, a file is in memory for a moment. */
const LARGEST_AS_ROOT_BYTES = 256 << 20;

interface RemoteEntry {
  readonly kind: string;
  readonly mode: number;
  readonly name: string;
  readonly target: string;
}

/**
 * Fetches a directory of a node into a new one of this machine, with permission bits and symbolic links; what is neither
 * file, directory nor link is left out.
 *
 * @remarks What the node says of names is not believed: nothing is written outside of the new directory, and links are made
 * last, so that no file comes through one.
 * @throws RuntimeError `SSH_FILE_NOT_FOUND`, `SSH_FILE_DENIED`, `SSH_FILE_FAILED`; `LOCAL_FILE_UNWRITABLE`, also when
 * the local directory exists already. What has come so far is removed again.
 */
export async function downloadDirectory(
  session: SshSession,
  remoteDirectory: string,
  localDirectory: string,
  { signal, sudo = false, onProgress }: DownloadDirectoryOptions = {},
): Promise<void> {
  const entries = await listed(session, remoteDirectory, { signal, sudo });
  await writable(localDirectory, () => mkdir(localDirectory, { mode: 0o700 }));
  let files = 0;
  try {
    for (const { name, kind } of entries)
      if (kind === 'd') await writable(name, () => mkdir(join(localDirectory, name), { mode: 0o700 }));
    for (const { name, kind, mode } of entries) {
      if (kind !== 'f') continue;
      const local = join(localDirectory, name);
      const remote = `${remoteDirectory.replace(/\/+$/, '')}/${name}`;
      if (sudo) {
        const content = await session.readFile(remote, {
          ...(signal && { signal }),
          sudo,
          maxBytes: LARGEST_AS_ROOT_BYTES,
        });
        await writable(local, () => writeFile(local, content, { mode: 0o600, flag: 'wx' }));
      } else await session.download(remote, local, signal === undefined ? {} : { signal });
      await writable(local, () => chmod(local, mode & 0o777));
      onProgress?.((files += 1));
    }
    for (const { name, kind, target } of entries)
      if (kind === 'l') await writable(name, () => symlink(target, join(localDirectory, name)));
    for (const { name, kind, mode } of entries.toReversed())
      if (kind === 'd') await writable(name, () => chmod(join(localDirectory, name), mode & 0o777));
  } catch (error) {
    await rm(localDirectory, { recursive: true, force: true });
    throw error;
  }
}

async function listed(
  session: SshSession,
  directory: string,
  { signal, sudo }: Pick<DownloadDirectoryOptions, 'signal' | 'sudo'>,
): Promise<readonly RemoteEntry[]> {
  const result = await session.exec(['find', `${directory.replace(/\/+$/, '')}/`, ...LIST], {
    ...(signal && { signal }),
    sudo: sudo === true,
    maxOutputBytes: LARGEST_LIST_BYTES,
  });
  const failed = (why: string) =>
    new RuntimeError('SSH_FILE_FAILED', `${directory} of ${session.place} cannot be fetched: ${why}.`);
  if (result.truncated) throw failed('it has too many files');
  const words = result.stdout.split('\0');
  const entries: RemoteEntry[] = [];
  for (let at = 0; at + 3 < words.length; at += 4) {
    const [kind = '', mode = '', name = '', target = ''] = words.slice(at, at + 4);
    if (!isBelow(name) || target.includes('\uFFFD'))
      throw failed(`this computer cannot have a file ${JSON.stringify(name)}`);
    entries.push({ kind, mode: Number.parseInt(mode, 8) || 0, name, target });
  }
  return entries;
}

/** A name that is no way out, and can be a file here. */
function isBelow(name: string): boolean {
  const isForeign = name.includes('\uFFFD') || (process.platform === 'win32' && /[\\:*?"<>|]/.test(name));
  return !isForeign && name.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

async function writable<T>(place: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const why = code === 'EEXIST' ? 'it is there already' : (code ?? String(cause));
    throw new RuntimeError('LOCAL_FILE_UNWRITABLE', `The local path ${place} cannot be written: ${why}.`, {
      cause,
    });
  }
}
