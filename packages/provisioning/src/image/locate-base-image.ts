import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { BaseImageSource } from '@turingpi/image';
import type { Progress } from '@turingpi/foundation';
import { ImageError } from '@turingpi/image/customization';
import type { FileDigestCache } from '../cache/file-digest-cache.js';

export interface LocateBaseImageOptions {
  readonly signal: AbortSignal;
  readonly progress: (progress: Progress) => void;
  readonly cacheDir: string;
  readonly digests: FileDigestCache;
  /** The SHA-256 of a file, from the cache where it is known. */
  readonly digest: (path: string) => Promise<string>;
}

/**
 * The base image as a file of this machine; one that is given by URL is downloaded, unless it is there already.
 *
 * @throws ImageError `IMAGE_NOT_FOUND`, `IMAGE_NOT_AN_IMAGE` for a file that no disk may be overwritten with, and as {@link downloadBaseImage}.
 */
export async function locateBaseImage(
  base: BaseImageSource,
  { digests, ...options }: LocateBaseImageOptions,
): Promise<string> {
  if (typeof base !== 'string') {
    const { assertImageFile, downloadBaseImage } = await import('@turingpi/image');
    const { path, sha256, known } = await downloadBaseImage(base, options);
    if (!known) {
      await assertImageFile(path, options);
      await digests.remember(path, sha256);
    }
    return path;
  }
  const found = await stat(base).catch(() => undefined);
  if (!found?.isFile())
    throw new ImageError(
      'IMAGE_NOT_FOUND',
      `the base image ${base} does not exist${found ? ' as a file' : ''}`,
    );
  // What was looked at before has its digest remembered: a run that has nothing to do reads no image.
  if (!(await digests.knows(base))) {
    const { assertImageFile } = await import('@turingpi/image');
    await assertImageFile(base, options);
  }
  return resolve(base);
}
