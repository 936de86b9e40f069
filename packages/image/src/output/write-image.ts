import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import type { ImageSource } from '../compression/image-source.js';
import type { OverlayDisk } from '../disk/overlay-disk.js';
import { openXzDisk } from '../xz/open-xz-disk.js';
import type { SavedImage, SaveImageOptions } from '../engine/image-engine.js';
import { AtomicFile } from './atomic-file.js';
import { rawChunks } from './raw-chunks.js';
import { writeRaw } from './write-raw.js';
import { writeXz } from './write-xz.js';

/**
 * Writes an image with its edits as a new file: beside its final name first, synced, then renamed. Mode 0600.
 *
 * @param overlay - The edits over `source.disk`; undefined writes the image as it is.
 * @throws ImageError `IMAGE_HOST_NO_SPACE`, `IMAGE_WRITE_FAILED`, `IMAGE_CORRUPT`, `IMAGE_UNREADABLE`,
 * `IMAGE_SOURCE_CHANGED`; the reason of the signal. An earlier file of the same name is then as it was, and no temporary file is left.
 */
export async function writeImage(
  source: ImageSource,
  overlay: OverlayDisk | undefined,
  targetPath: string,
  options: SaveImageOptions,
): Promise<SavedImage> {
  const { format, signal, progress } = options;
  signal.throwIfAborted();
  const rawSizeBytes = source.disk.sizeBytes;
  const path = resolve(targetPath);
  const beforeCommit = (): Promise<void> => source.assertUnchanged();
  if (format === 'raw') {
    const reporting = progress === undefined ? { signal } : { signal, progress };
    const written = await writeRaw(source.disk, overlay, path, { ...reporting, beforeCommit });
    return { path, format, ...written, rawSizeBytes, rawSha256: written.sha256 };
  }
  await using target = await AtomicFile.create(path);
  const written = await writeXz(await source.xzBase(), overlay, target, signal, progress);
  const rawSha256 =
    options.rawDigest === true ? await rawDigestOf(target.temporaryPath, source.cacheDir, signal) : undefined;
  signal.throwIfAborted();
  await beforeCommit();
  await target.commit();
  return { path, format, ...written, rawSizeBytes, rawSha256 };
}

/** Decodes what was written, so that the digest also proves that it can be decoded. */
async function rawDigestOf(path: string, cacheDir: string, signal: AbortSignal): Promise<string> {
  await using disk = await openXzDisk(path, { cacheDir, signal });
  const hash = createHash('sha256');
  for await (const chunk of rawChunks(disk, undefined, signal)) hash.update(chunk);
  return hash.digest('hex');
}
