import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { BaseImageSource } from '@turingpi/image';
import type { Progress } from '@turingpi/foundation';
import { type Context, NotForeseeable } from '@turingpi/core/plugin';
import { ImageError } from '@turingpi/image/customization';
import type { SharedArtifacts } from '../artifact/shared-artifacts.js';
import type { FileDigestCache } from '../cache/file-digest-cache.js';

export interface LocateBaseImageOptions {
  readonly signal: AbortSignal;
  readonly progress: (progress: Progress) => void;
  readonly cacheDir: string;
  /** Nothing is downloaded: what is not here yet only a run can tell. */
  readonly onlyHere?: boolean;
  readonly digests: FileDigestCache;
  /** What other computers have downloaded. */
  readonly shared: Pick<SharedArtifacts, 'has' | 'bring' | 'share'>;
  /** Where secrets given as `{ env: NAME }` are looked up. */
  readonly environment: Context['environment'];
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
  { digests, onlyHere, shared, environment, ...options }: LocateBaseImageOptions,
): Promise<string> {
  if (typeof base !== 'string') {
    const { assertImageFile, downloadBaseImage, findDownloadedImage } = await import('@turingpi/image');
    const asker = { ...options, environment };
    if (onlyHere === true) {
      const found = 'sha256' in base ? await findDownloadedImage(base.sha256, options) : undefined;
      if (found !== undefined) return found;
      throw new NotForeseeable('what is in the base image: it is downloaded first');
    }
    await bringShared(base, shared, asker);
    const { path, sha256, known } = await downloadBaseImage(base, options);
    if (!known) {
      await assertImageFile(path, options);
      await digests.remember(path, sha256);
      await shared.share({ sha256, isSecret: false }, path, asker);
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

/** Puts what another computer has downloaded where it would be downloaded to. */
async function bringShared(
  base: Exclude<BaseImageSource, string>,
  shared: LocateBaseImageOptions['shared'],
  asker: Parameters<SharedArtifacts['bring']>[2] & Pick<LocateBaseImageOptions, 'cacheDir' | 'digest'>,
): Promise<void> {
  if (!('sha256' in base)) return; // which one it is, its own host tells
  const { findDownloadedImage, placeOfDownload } = await import('@turingpi/image');
  const { sha256, path } = placeOfDownload(base, asker.cacheDir);
  if ((await findDownloadedImage(sha256, asker)) !== undefined) return;
  await shared.bring({ sha256, isSecret: false }, path, asker);
}
