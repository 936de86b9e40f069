import { encodeName, isStorable } from './image-name.js';
import { ImageError } from '../image-error.js';
import type { FileSystem } from './file-system.js';

/** As many as Linux follows in one path. */
const MAX_LINKS = 40;
const MAX_NAME_BYTES = 255;
const MAX_PATH_BYTES = 4096;

/** What to do about a symlink at the end of a path. */
export type FinalLink = 'follow' | 'keep';

/**
 * Splits a path of an image into its components, `.` left out and `..` kept.
 *
 * @param call - Names the operation in the error, for example `writeFile`.
 * @throws ImageError `IMAGE_PATH_INVALID` for a relative path or a NUL, `IMAGE_NAME_TOO_LONG`.
 */
export function splitImagePath(path: string, call?: string): string[] {
  const where = `${call === undefined ? '' : `${call}: `}${JSON.stringify(path)}`;
  const invalid = (why: string, hint?: string) =>
    new ImageError('IMAGE_PATH_INVALID', `${where}: ${why}.`, {
      ...(hint === undefined ? {} : { hint }),
      details: { path },
    });
  if (!path.startsWith('/')) throw invalid('paths inside an image are absolute', `Write it as "/${path}".`);
  if (path.includes('\0')) throw invalid('a path cannot contain a NUL');
  if (!isStorable(path)) throw invalid('a path is Unicode text, and this is not');
  if (encodeName(path).length > MAX_PATH_BYTES) throw tooLong(where, path, 'the path has over 4096 bytes');
  const names = path.split('/').filter((name) => name !== '' && name !== '.');
  for (const name of names)
    if (encodeName(name).length > MAX_NAME_BYTES)
      throw tooLong(where, path, 'a name in it has over 255 bytes');
  return names;
}

/**
 * Finds the real path behind a path, following symlinks as a process whose root is the image's would: absolute links
 * start at the image's root again, and `..` never leaves it.
 *
 * @param finalLink - Whether a symlink at the end is followed. What the end names need not exist, also behind a link.
 * @throws ImageError `IMAGE_SYMLINK_LOOP` after 40 links, `IMAGE_PATH_NOT_FOUND` or `IMAGE_NOT_A_DIRECTORY` for what
 * is in the middle of the path, `IMAGE_PATH_INVALID`, `IMAGE_NAME_TOO_LONG`.
 */
export async function resolveImagePath(
  fileSystem: FileSystem,
  path: string,
  finalLink: FinalLink,
): Promise<string> {
  const { real, missing } = await resolveExistingPart(fileSystem, path, finalLink);
  if (missing.length > 1)
    throw new ImageError(
      'IMAGE_PATH_NOT_FOUND',
      `${path}: ${join([...real, missing[0] ?? ''])} does not exist.`,
      {
        details: { path },
      },
    );
  return join([...real, ...missing]);
}

/** How far a path leads. */
export interface ResolvedPath {
  /** Components that exist, no symlink among them (but for a kept one at the end). */
  readonly real: readonly string[];
  /** What follows and does not exist. */
  readonly missing: readonly string[];
  /** The symlink whose target is missing, when it is one that led there. */
  readonly danglingLink: string | undefined;
}

/** The same as {@link resolveImagePath}, but any number of components at the end may be missing; tells which. */
export async function resolveExistingPart(
  fileSystem: FileSystem,
  path: string,
  finalLink: FinalLink,
): Promise<ResolvedPath> {
  const todo: { name: string; via?: string }[] = splitImagePath(path).map((name) => ({ name }));
  todo.reverse();
  const real: string[] = [];
  const missing: string[] = [];
  let danglingLink: string | undefined;
  let links = 0;
  for (let step = todo.pop(); step !== undefined; step = todo.pop()) {
    const { name, via } = step;
    const here = join([...real, name]);
    if (missing.length > 0) {
      if (name === '..') throw notThere(path, [...real, ...missing]);
      missing.push(name);
      continue;
    }
    if (name === '..') {
      real.pop();
      continue;
    }
    const stat = await fileSystem.lstat(here);
    if (stat === undefined) {
      missing.push(name);
      danglingLink = via;
    } else if (stat.type === 'symlink' && (todo.length > 0 || finalLink === 'follow')) {
      if (++links > MAX_LINKS)
        throw new ImageError('IMAGE_SYMLINK_LOOP', `${path}: too many symlinks, the last one at ${here}.`, {
          details: { path },
        });
      const target = await fileSystem.readLink(here);
      if (target.startsWith('/')) real.length = 0;
      for (const part of splitImagePath(`/${target}`).reverse()) todo.push({ name: part, via: here });
    } else if (stat.type !== 'directory' && todo.length > 0) {
      throw new ImageError('IMAGE_NOT_A_DIRECTORY', `${path}: ${here} is not a directory.`, {
        details: { path },
      });
    } else real.push(name);
  }
  return { real, missing, danglingLink };
}

function join(names: readonly string[]): string {
  return `/${names.join('/')}`;
}

function notThere(path: string, names: readonly string[]): ImageError {
  return new ImageError('IMAGE_PATH_NOT_FOUND', `${path}: ${join(names)} does not exist.`, {
    details: { path },
  });
}

function tooLong(where: string, path: string, why: string): ImageError {
  return new ImageError('IMAGE_NAME_TOO_LONG', `${where}: ${why}.`, { details: { path } });
}
