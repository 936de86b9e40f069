import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ArtifactError } from './artifact-error.js';
import type { ArtifactPlace } from './artifact-place.js';
import { markUsed } from './used-mark.js';
import { writeWholeFile } from './whole-file.js';

/** A directory that several computers see. */
export class DirectoryPlace implements ArtifactPlace {
  /** @param location - absolute; it exists */
  constructor(readonly location: string) {}

  async has(name: string): Promise<boolean> {
    await this.#assertThere();
    return isFile(join(this.location, name));
  }

  async read(name: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array> | undefined> {
    return (await this.has(name)) ? this.#chunksOf(join(this.location, name), signal) : undefined;
  }

  async write(name: string, content: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void> {
    await this.#assertThere();
    try {
      await writeWholeFile(join(this.location, name), content, signal, 'shared');
    } catch (error) {
      throw this.#failure(error);
    }
  }

  async touch(name: string): Promise<void> {
    await markUsed(join(this.location, name));
  }

  async *#chunksOf(file: string, signal: AbortSignal): AsyncIterable<Uint8Array> {
    try {
      yield* createReadStream(file, { signal, highWaterMark: 1 << 20 });
    } catch (error) {
      throw this.#failure(error);
    }
  }

  /** A file server that is not mounted leaves an empty mount point, or none: it must not be filled. */
  async #assertThere(): Promise<void> {
    const found = await stat(this.location).catch(() => undefined);
    if (found?.isDirectory() === true) return;
    throw new ArtifactError(
      'ARTIFACTS_UNREACHABLE',
      `the directory of shared images ${this.location} is not there`,
      { hint: 'Mount the file server, or make the directory.' },
    );
  }

  /** Errors of the file system; others are of the content. */
  #failure(error: unknown): unknown {
    if (!(error instanceof Error) || (error as NodeJS.ErrnoException).syscall === undefined) return error;
    return new ArtifactError(
      'ARTIFACTS_UNREACHABLE',
      `the directory of shared images ${this.location} cannot be used: ${error.message}`,
      { cause: error, hint: 'Check its rights and its free space.' },
    );
  }
}

function isFile(file: string): Promise<boolean> {
  return stat(file).then(
    (found) => found.isFile(),
    () => false,
  );
}
