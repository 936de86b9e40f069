import {
  decodeName,
  encodeName,
  type DirectoryEntry,
  type FileAttributes,
  type FileContent,
  type FileStat,
  type FileSystemUsage,
  ImageError,
  exactContent,
  mountError,
  type MountedFiles,
} from '@turingpi/image/backend';
import { constants } from 'node:fs';
import {
  link,
  lstat,
  mkdir,
  open,
  readdir,
  readlink,
  rename,
  rmdir,
  statfs,
  symlink,
  unlink,
  type FileHandle,
} from 'node:fs/promises';
import { Readable } from 'node:stream';

import { type AnchoredPath, viaDescriptor, withAnchoredPath } from './anchored-path.js';
import { fileStat, fileType } from './file-stat.js';
import { applyAttributes, setAttributesOf } from './inode-attributes.js';
import { openRegularFile, replaceContent, writeAll } from './regular-file.js';

const { O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_RDONLY, O_RDWR, O_WRONLY } = constants;
const DEFAULT_MAX_BYTES = 16 * 2 ** 20;
const READ_BYTES = 256 * 1024;

/** The files of a mounted partition through system calls that never follow a symlink of the image. */
export class LoopFiles implements MountedFiles {
  /** @param now - The time given to what is written without one. */
  constructor(
    private readonly mountPoint: string,
    private readonly now: () => Date,
  ) {}

  async usage(): Promise<FileSystemUsage> {
    const { bsize, blocks, bfree, files, ffree } = await statfs(this.mountPoint);
    return {
      blockSizeBytes: bsize,
      totalBytes: blocks * bsize,
      freeBytes: bfree * bsize,
      totalInodes: files,
      freeInodes: ffree,
    };
  }

  async lstat(path: string): Promise<FileStat | undefined> {
    try {
      return await this.#at(path, async ({ native }) => fileStat(await lstat(native)));
    } catch (error) {
      if (error instanceof ImageError && error.code === 'IMAGE_PATH_NOT_FOUND') return undefined;
      throw error;
    }
  }

  list(path: string): Promise<DirectoryEntry[]> {
    return this.#at(path, async ({ native }) => {
      const handle = await open(native, O_RDONLY | constants.O_DIRECTORY | O_NOFOLLOW);
      try {
        const entries = await readdir(viaDescriptor(handle), { withFileTypes: true, encoding: 'buffer' });
        return entries.map((entry) => ({ name: decodeName(entry.name), type: fileType(entry) }));
      } finally {
        await handle.close();
      }
    });
  }

  readFile(path: string, options: { readonly maxBytes?: number } = {}): Promise<Buffer> {
    const maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES;
    return this.#at(path, async ({ native }) => {
      const handle = await openRegularFile(native, path, O_RDONLY);
      try {
        const { size } = await handle.stat();
        if (size > maxBytes)
          throw new ImageError(
            'IMAGE_TOO_LARGE',
            `"${path}" is ${size} bytes long, more than the ${maxBytes} allowed.`,
          );
        return await handle.readFile();
      } finally {
        await handle.close();
      }
    });
  }

  readStream(path: string): Readable {
    const read = async function* (this: LoopFiles): AsyncGenerator<Buffer> {
      const handle = await this.#at(path, ({ native }) => openRegularFile(native, path, O_RDONLY));
      try {
        for (let position = 0; ;) {
          const piece = Buffer.allocUnsafe(READ_BYTES);
          const { bytesRead } = await handle.read(piece, 0, READ_BYTES, position);
          if (bytesRead === 0) return;
          position += bytesRead;
          yield piece.subarray(0, bytesRead);
        }
      } finally {
        await handle.close();
      }
    };
    return Readable.from(read.call(this), { objectMode: false });
  }

  readLink(path: string): Promise<string> {
    return this.#at(path, async ({ native }) => {
      if (!(await lstat(native)).isSymbolicLink())
        throw new ImageError('IMAGE_OPERATION_UNSUPPORTED', `"${path}" is not a symlink.`);
      return decodeName(await readlink(native, { encoding: 'buffer' }));
    });
  }

  writeFile(path: string, content: FileContent, attributes: FileAttributes = {}): Promise<void> {
    return this.#at(path, async ({ native, parent }) => {
      const isNew = (await lstat(native).catch(absent)) === undefined;
      const handle = isNew
        ? await open(native, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
        : await openRegularFile(native, path, O_RDWR);
      try {
        await replaceContent(handle, content, path);
        await applyAttributes(viaDescriptor(handle), 'file', {
          mtime: this.now(),
          ...(isNew ? { uid: 0, gid: 0, mode: 0o644 } : {}),
          ...attributes,
        });
      } catch (error) {
        if (isNew) await unlink(native).catch(() => undefined); // half a file is nobody's
        throw error;
      } finally {
        await handle.close();
      }
      if (isNew) await this.#touch(parent);
    });
  }

  appendFile(path: string, content: FileContent): Promise<void> {
    return this.#at(path, async ({ native }) => {
      const handle = await openRegularFile(native, path, O_WRONLY | O_APPEND);
      try {
        const { size } = await handle.stat();
        try {
          for await (const piece of exactContent(content, path)) await writeAll(handle, piece, null);
        } catch (error) {
          await handle.truncate(size);
          throw error;
        }
        await applyAttributes(viaDescriptor(handle), 'file', { mtime: this.now() });
      } finally {
        await handle.close();
      }
    });
  }

  mkdir(path: string, attributes: FileAttributes = {}): Promise<void> {
    return this.#at(path, async ({ native, parent }) => {
      await mkdir(native, 0o755);
      await setAttributesOf(native, { uid: 0, gid: 0, mode: 0o755, mtime: this.now(), ...attributes });
      await this.#touch(parent);
    });
  }

  symlink(target: string, path: string, attributes: FileAttributes = {}): Promise<void> {
    return this.#at(path, async ({ native, parent }) => {
      await symlink(encodeName(target), native);
      await setAttributesOf(native, { uid: 0, gid: 0, mtime: this.now(), ...attributes });
      await this.#touch(parent);
    });
  }

  link(existing: string, path: string): Promise<void> {
    return this.#at(existing, (from) =>
      this.#at(path, async ({ native, parent }) => {
        if ((await lstat(from.native)).isDirectory())
          throw new ImageError('IMAGE_IS_A_DIRECTORY', `"${existing}" is a directory.`);
        await link(from.native, native); // linkat without AT_SYMLINK_FOLLOW
        await this.#touch(parent);
      }),
    );
  }

  setAttributes(path: string, attributes: FileAttributes): Promise<void> {
    return this.#at(path, ({ native }) => setAttributesOf(native, attributes));
  }

  rename(from: string, to: string): Promise<void> {
    return this.#at(from, async (source) => {
      await lstat(source.native);
      if (`${to}/`.startsWith(`${from}/`) && from !== to)
        throw new ImageError('IMAGE_PATH_INVALID', `"${from}" cannot be moved into itself ("${to}").`);
      await this.#at(to, async (target) => {
        await rename(source.native, target.native);
        await this.#touch(target.parent);
      });
      await this.#touch(source.parent);
    });
  }

  remove(path: string): Promise<void> {
    return this.#at(path, async ({ native, parent }) => {
      if ((await lstat(native)).isDirectory()) await rmdir(native);
      else await unlink(native);
      await this.#touch(parent);
    });
  }

  /** Gives a changed directory the time of the edit. */
  async #touch(directory: FileHandle): Promise<void> {
    const now = this.now();
    await directory.utimes(now, now);
  }

  async #at<T>(path: string, use: (anchored: AnchoredPath) => Promise<T>): Promise<T> {
    try {
      return await withAnchoredPath(this.mountPoint, path, use);
    } catch (error) {
      throw mountError(error, path, await statfs(this.mountPoint).catch(() => undefined));
    }
  }
}

function absent(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
  throw error;
}
