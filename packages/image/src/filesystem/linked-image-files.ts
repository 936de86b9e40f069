import type { DirectoryEntry, FileAttributes, FileContent, FileStat, FileSystem } from './file-system.js';
import { ImageError } from '../image-error.js';
import type { ImageFiles } from './image-files.js';
import { resolveExistingPart, resolveImagePath } from './link-resolver.js';

/** Deeper than any path of 4096 bytes that a system would use; a damaged directory may contain itself. */
const MAX_DEPTH = 256;

/** The files of a filesystem with symlinks followed inside it; see {@link ImageFiles}. */
export class LinkedImageFiles implements ImageFiles {
  constructor(readonly fileSystem: FileSystem) {}

  realPath(path: string): Promise<string> {
    return resolveImagePath(this.fileSystem, path, 'follow');
  }

  async exists(path: string): Promise<boolean> {
    const { real, missing } = await this.#locate(path);
    return missing.length === 0 && (await this.fileSystem.lstat(joined(real))) !== undefined;
  }

  async stat(path: string): Promise<FileStat> {
    const stat = await this.fileSystem.lstat(await this.realPath(path));
    if (stat === undefined) throw notFound(path);
    return stat;
  }

  async lstat(path: string): Promise<FileStat | undefined> {
    const { real, missing } = await this.#locate(path, 'keep');
    return missing.length > 0 ? undefined : this.fileSystem.lstat(joined(real));
  }

  async list(path: string): Promise<DirectoryEntry[]> {
    return this.fileSystem.list(await this.#existing(path));
  }

  async readFile(path: string, options?: { readonly maxBytes?: number }): Promise<Buffer> {
    return this.fileSystem.readFile(await this.#existing(path), options);
  }

  async readText(path: string): Promise<string | undefined> {
    return (await this.exists(path)) ? (await this.readFile(path)).toString('utf8') : undefined;
  }

  async readLink(path: string): Promise<string> {
    const real = await resolveImagePath(this.fileSystem, path, 'keep');
    const stat = await this.fileSystem.lstat(real);
    if (stat === undefined) throw notFound(path);
    if (stat.type !== 'symlink')
      throw new ImageError('IMAGE_OPERATION_UNSUPPORTED', `${path} is not a symlink.`, { details: { path } });
    return this.fileSystem.readLink(real);
  }

  async writeFile(path: string, content: string | FileContent, attributes?: FileAttributes): Promise<void> {
    try {
      const real = await this.#withParents(path, 'follow', attributes);
      await this.fileSystem.writeFile(real, bytesOf(content), attributes);
    } finally {
      closeStream(content);
    }
  }

  async appendFile(path: string, content: string | FileContent): Promise<void> {
    try {
      const real = await this.#withParents(path);
      const exists = (await this.fileSystem.lstat(real)) !== undefined;
      if (exists) await this.fileSystem.appendFile(real, bytesOf(content));
      else await this.fileSystem.writeFile(real, bytesOf(content));
    } finally {
      closeStream(content);
    }
  }

  async mkdir(path: string, attributes?: FileAttributes): Promise<void> {
    const { real, missing, danglingLink } = await this.#locate(path);
    if (danglingLink !== undefined) throw dangling(path, danglingLink);
    const at = [...real];
    const owner = await this.#ownerOfParents(real, attributes);
    for (const [index, name] of missing.entries()) {
      at.push(name);
      const isLast = index === missing.length - 1;
      await this.fileSystem.mkdir(joined(at), isLast ? attributes : owner);
    }
    if (missing.length > 0) return;
    const stat = await this.fileSystem.lstat(joined(real));
    if (stat?.type !== 'directory')
      throw new ImageError('IMAGE_NOT_A_DIRECTORY', `${path} exists and is not a directory.`, {
        details: { path },
      });
    if (attributes !== undefined && at.length > 0)
      await this.fileSystem.setAttributes(joined(at), attributes);
  }

  async symlink(target: string, path: string): Promise<void> {
    if (this.fileSystem.kind === 'fat') return this.fileSystem.symlink(target, path);
    const real = await this.#withParents(path, 'keep');
    const stat = await this.fileSystem.lstat(real);
    if (stat?.type === 'directory')
      throw new ImageError('IMAGE_IS_A_DIRECTORY', `${path} is a directory and is not replaced by a link.`, {
        details: { path },
      });
    if (target === '' || target.includes('\0'))
      throw new ImageError(
        'IMAGE_PATH_INVALID',
        `${path}: ${JSON.stringify(target)} cannot be a symlink's target.`,
        {
          details: { path },
        },
      );
    if (stat !== undefined) await this.fileSystem.remove(real);
    await this.fileSystem.symlink(target, real);
  }

  async setAttributes(path: string, attributes: FileAttributes): Promise<void> {
    await this.fileSystem.setAttributes(await this.#existing(path), attributes);
  }

  async rename(from: string, to: string): Promise<void> {
    const source = await resolveImagePath(this.fileSystem, from, 'keep');
    if ((await this.fileSystem.lstat(source)) === undefined) throw notFound(from);
    await this.fileSystem.rename(source, await this.#withParents(to, 'keep'));
  }

  async remove(path: string): Promise<void> {
    const { real, missing } = await this.#locate(path, 'keep');
    if (missing.length > 0) return;
    if (real.length === 0)
      throw new ImageError('IMAGE_PATH_INVALID', 'The root of an image cannot be removed.', {
        details: { path },
      });
    await this.#removeTree(joined(real), 0);
  }

  async #removeTree(real: string, depth: number): Promise<void> {
    if (depth > MAX_DEPTH)
      throw new ImageError('IMAGE_FILESYSTEM_CORRUPT', `${real.slice(0, 80)}… is nested without end.`);
    const stat = await this.fileSystem.lstat(real);
    if (stat?.type === 'directory')
      for (const { name } of await this.fileSystem.list(real))
        await this.#removeTree(`${real}/${name}`, depth + 1);
    await this.fileSystem.remove(real);
  }

  async #existing(path: string): Promise<string> {
    const { real, missing } = await this.#locate(path);
    if (missing.length > 0) throw notFound(path);
    return joined(real);
  }

  /** The real path of something to be made, after its missing parents were. */
  async #withParents(
    path: string,
    finalLink: 'follow' | 'keep' = 'follow',
    attributes?: FileAttributes,
  ): Promise<string> {
    const { real, missing, danglingLink } = await this.#locate(path, finalLink);
    // As on the node: a link to a missing file in an existing directory makes that file, and no directories are made.
    if (danglingLink !== undefined && missing.length > 1) throw dangling(path, danglingLink);
    const at = [...real];
    const owner = missing.length > 1 ? await this.#ownerOfParents(real, attributes) : undefined;
    for (const name of missing.slice(0, -1)) {
      at.push(name);
      await this.fileSystem.mkdir(joined(at), owner);
    }
    return joined([...at, ...missing.slice(-1)]);
  }

  /**
   * Whose the directories are that are made on the way to something: its owner's where the directory that they are
   * made in is that owner's (a user's home), else root's. So no user gets a directory in a place of the system.
   */
  async #ownerOfParents(
    existing: readonly string[],
    { uid, gid }: FileAttributes = {},
  ): Promise<FileAttributes | undefined> {
    if (uid === undefined || uid === 0) return undefined;
    const parent = await this.fileSystem.lstat(joined(existing));
    return parent?.uid === uid ? { uid, gid: gid ?? parent.gid } : undefined;
  }

  #locate(path: string, finalLink: 'follow' | 'keep' = 'follow') {
    return resolveExistingPart(this.fileSystem, path, finalLink);
  }
}

function joined(names: readonly string[]): string {
  return `/${names.join('/')}`;
}

function bytesOf(content: string | FileContent): FileContent {
  return typeof content === 'string' ? Buffer.from(content) : content;
}

/** A stream that nobody read to its end is closed: whoever gave it has given it away. */
function closeStream(content: string | FileContent): void {
  if (typeof content !== 'string' && !(content instanceof Uint8Array)) content.stream.destroy();
}

function dangling(path: string, link: string): ImageError {
  return new ImageError(
    'IMAGE_PATH_NOT_FOUND',
    `${path}: ${link} is a symlink to something that does not exist.`,
    {
      hint: 'What it points to may exist only on the running node. To put a file in its place, remove the link first.',
      details: { path, link },
    },
  );
}

function notFound(path: string): ImageError {
  return new ImageError('IMAGE_PATH_NOT_FOUND', `${path} does not exist in the image.`, {
    details: { path },
  });
}
