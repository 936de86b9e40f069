import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { BLOCKS } from '../cache/cache-folders.js';
import { hostFileError } from '../disk/host-file-error.js';
import { sha256OfSegments } from '../disk/segment-digest.js';

/** `xz`: a block cut into small pieces. `pages`: pages of a block that were read. */
export type BlockArtefact = 'xz' | 'pages';

/**
 * What was made of blocks, kept between runs: files in a cache directory, found by the digest of the block's encoded
 * bytes.
 *
 * @remarks A name is `<digest of the block>-<digest of the file>.<artefact>`: a file that a crash or a disk left damaged is
 * noticed when it is opened, and made again. Several processes may use the directory at once.
 */
export class BlockStore {
  readonly #directory: string;

  constructor(cacheDir: string) {
    this.#directory = join(cacheDir, BLOCKS);
  }

  /** @returns The path of what was made of a block, verified, or undefined when there is nothing. */
  async find(blockKey: string, artefact: BlockArtefact, signal: AbortSignal): Promise<string | undefined> {
    const names = await readdir(this.#directory).catch(() => []);
    for (const name of names.filter(
      (candidate) => candidate.startsWith(`${blockKey}-`) && candidate.endsWith(`.${artefact}`),
    )) {
      const path = join(this.#directory, name);
      const digest = await digestOf(path, signal).catch(() => undefined); // another process may replace it
      signal.throwIfAborted();
      if (name === `${blockKey}-${digest ?? ''}.${artefact}`) return path;
      await rm(path, { force: true }).catch(() => undefined);
    }
    return undefined;
  }

  /**
   * Keeps what `fill` writes.
   *
   * @throws ImageError `IMAGE_HOST_NO_SPACE`, `IMAGE_WRITE_FAILED`, and what `fill` throws; nothing is left then.
   */
  async add(
    blockKey: string,
    artefact: BlockArtefact,
    signal: AbortSignal,
    fill: (file: FileHandle) => Promise<void>,
  ): Promise<string> {
    const temporary = join(
      this.#directory,
      `.${blockKey}.${process.pid}.${randomBytes(6).toString('hex')}.turingpi-tmp`,
    );
    try {
      await mkdir(this.#directory, { recursive: true, mode: 0o700 });
      const file = await open(temporary, 'wx+', 0o600);
      try {
        await fill(file);
      } finally {
        await file.close();
      }
      const path = join(this.#directory, `${blockKey}-${await digestOf(temporary, signal)}.${artefact}`);
      await rename(temporary, path);
      return path;
    } catch (error) {
      await rm(temporary, { force: true });
      signal.throwIfAborted();
      throw hostFileError(error, temporary, 'write');
    }
  }
}

async function digestOf(path: string, signal: AbortSignal): Promise<string> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    return await sha256OfSegments([{ file, path, offset: 0, length: size }], signal);
  } finally {
    await file.close();
  }
}
