import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { BaseImageSource } from '@turingpi/image';
import type { Progress } from '@turingpi/foundation';
import { NotForeseeable } from '@turingpi/core/plugin';
import { ImageError } from '@turingpi/image/customization';
import type { FileDigestCache } from '../cache/file-digest-cache.js';

export interface LocateBaseImageOptions {
  readonly signal: AbortSignal;
  readonly progress: (progress: Progress) => void;
  readonly cacheDir: string;
  /** Nothing is downloaded: what is not here yet only a run can tell. */
  readonly onlyHere?: boolean;
  readonly digests: FileDigestCache;
  /** The SHA-256 of a file, from the cache where it is known. */
  readonly digest: (path: string) => Promise<string>;
}

/**
 * The base image as a file of this machine; one that is given by URL is downloaded, unless it is there already.
 *
 * @throws NotForeseeable with `onlyHere`, for one that would be downloaded; ImageError `IMAGE_NOT_FOUND`, `IMAGE_NOT_AN_IMAGE` for a file that no disk may be overwritten with, and as {@link downloadBaseImage}.
 */
export async function locateBaseImage(
  base: BaseImageSource,
  { digests, onlyHere, ...options }: LocateBaseImageOptions,
): Promise<string> {
  if (typeof base !== 'string') {
    const { assertImageFile, downloadBaseImage, findDownloadedImage } = await import('@turingpi/image');
    if (onlyHere === true) {
      const found = 'sha256' in base ? await findDownloadedImage(base.sha256, options) : undefined;
      if (found !== undefined) return found;
      throw new NotForeseeable('what is in the base image: it is downloaded first');
    }
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
