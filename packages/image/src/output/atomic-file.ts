import { randomBytes } from 'node:crypto';
import { constants, copyFile, mkdir, open, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { FileRange } from '../disk/file-segment.js';
import { hostFileError } from '../disk/host-file-error.js';
import { writeFully } from '../disk/write-fully.js';

const CLONE_OR_FAIL = constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE_FORCE;

/**
 * A file that appears under its name only when it is complete.
 *
 * @remarks It is written as `.<name>.<pid>.<random>.turingpi-tmp` beside its target, mode 0600 because images carry keys
 * and hashes. Disposing it without {@link commit} removes it, and leaves an earlier file of that name untouched.
 */
export class AtomicFile implements AsyncDisposable {
  #done = false;
  #closed = false;

  private constructor(
    readonly handle: FileHandle,
    readonly temporaryPath: string,
    /** Absolute. */
    readonly path: string,
  ) {}

  /** Creates the temporary file, and its directory when missing. @throws ImageError `IMAGE_HOST_NO_SPACE`, `IMAGE_WRITE_FAILED`. */
  static async create(targetPath: string): Promise<AtomicFile> {
    const path = resolve(targetPath);
    const temporary = temporaryPathOf(path);
    try {
      await mkdir(dirname(path), { recursive: true });
      return new AtomicFile(await open(temporary, 'wx+', 0o600), temporary, path);
    } catch (error) {
      throw hostFileError(error, path, 'write');
    }
  }

  /**
   * Creates the temporary file as a clone of an original, which shares its disk space until one of them is changed.
   *
   * @returns Undefined where the filesystem cannot do that (it takes Btrfs, XFS, APFS, and both files on it), or when the
   * original's name now means another file.
   * @throws ImageError `IMAGE_HOST_NO_SPACE`, `IMAGE_WRITE_FAILED`.
   */
  static async clone(targetPath: string, original: FileRange): Promise<AtomicFile | undefined> {
    const path = resolve(targetPath);
    const temporary = temporaryPathOf(path);
    const [opened, named] = await Promise.all([
      original.file.stat(),
      stat(original.path).catch(() => undefined),
    ]);
    if (named?.ino !== opened.ino || named.dev !== opened.dev) return undefined;
    try {
      await mkdir(dirname(path), { recursive: true });
      const cloned = await copyFile(original.path, temporary, CLONE_OR_FAIL).then(
        () => true,
        () => false,
      );
      if (!cloned) return undefined;
      const file = new AtomicFile(await open(temporary, 'r+'), temporary, path);
      await file.handle.chmod(0o600);
      // A clone is of what the original is now, which may have grown since it was opened.
      await file.handle.truncate(original.length);
      return file;
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined); // where its directory cannot be, it is not
      throw hostFileError(error, path, 'write');
    }
  }

  /** Writes all of `bytes` at `position`. @throws ImageError `IMAGE_HOST_NO_SPACE`, `IMAGE_WRITE_FAILED`. */
  async write(bytes: Uint8Array, position: number): Promise<void> {
    try {
      await writeFully(this.handle, bytes, position);
    } catch (error) {
      throw hostFileError(error, this.path, 'write');
    }
  }

  /** Sets its length. */
  async truncate(length: number): Promise<void> {
    await this.handle.truncate(length);
  }

  /** Makes the file durable and gives it its name, replacing an earlier file. */
  async commit(): Promise<void> {
    try {
      await this.handle.sync();
      await this.#close();
      await rename(this.temporaryPath, this.path);
      this.#done = true;
      await syncDirectory(dirname(this.path));
    } catch (error) {
      throw hostFileError(error, this.path, 'write');
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
    if (!this.#done) await rm(this.temporaryPath, { force: true });
  }

  async #close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.handle.close();
  }
}

function temporaryPathOf(path: string): string {
  const random = randomBytes(6).toString('hex');
  return join(dirname(path), `.${basename(path)}.${process.pid}.${random}.turingpi-tmp`);
}

/** Makes a rename durable, where directories can be synced at all. */
async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return; // a directory cannot be opened there
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } catch {
    // Some network filesystems refuse it; the file itself is synced and has its name.
  } finally {
    await directory.close();
  }
}
