import { createHash } from 'node:crypto';
import type { FileStat, FileSystem } from '@turingpi/image';

/** Everything about one file that must not depend on who wrote it. */
export interface FileDescription {
  readonly path: string;
  readonly type: FileStat['type'];
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly links: number;
  /** Whole seconds since the epoch. */
  readonly mtime: number;
  /** SHA-256 of a file's content, hex; the target of a symlink; otherwise empty. */
  readonly content: string;
  /** Extended attributes by name, base64. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** Describes every file below a path, in the order of their paths. */
export async function describeFiles(
  fileSystem: FileSystem,
  path = '/',
  options: { readonly attributes?: boolean } = {},
): Promise<FileDescription[]> {
  const stat = await fileSystem.lstat(path);
  if (stat === undefined) return [];
  const extended = options.attributes === true ? await fileSystem.readExtendedAttributes(path) : [];
  const own: FileDescription = {
    path,
    type: stat.type,
    mode: stat.mode,
    uid: stat.uid,
    gid: stat.gid,
    links: stat.links,
    mtime: Math.floor(stat.mtime.getTime() / 1000),
    content: await contentOf(fileSystem, path, stat),
    attributes: Object.fromEntries(
      [...extended].map(([name, value]) => [name, value.toString('base64')] as const),
    ),
  };
  if (stat.type !== 'directory') return [own];
  const names = (await fileSystem.list(path)).map(({ name }) => name).sort();
  const below: FileDescription[] = [own];
  for (const name of names)
    below.push(...(await describeFiles(fileSystem, path === '/' ? `/${name}` : `${path}/${name}`, options)));
  return below;
}

async function contentOf(fileSystem: FileSystem, path: string, stat: FileStat): Promise<string> {
  if (stat.type === 'symlink') return fileSystem.readLink(path);
  if (stat.type !== 'file') return '';
  const hash = createHash('sha256');
  for await (const piece of fileSystem.readStream(path) as AsyncIterable<Buffer>) hash.update(piece);
  return hash.digest('hex');
}
