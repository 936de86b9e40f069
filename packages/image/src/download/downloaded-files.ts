import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DOWNLOADS } from '../cache/cache-folders.js';
import { digestFile } from '../engine/file-digest.js';
import { parseSha256 } from './download-location.js';
import { imageExtension } from './image-extension.js';

/** Where downloads are, and how they are looked at. */
export interface DownloadedFilesOptions {
  readonly cacheDir: string;
  readonly signal: AbortSignal;
  /** How the digest of a file that was downloaded earlier is found, hex. Default: it is read. */
  readonly digest?: (path: string) => Promise<string>;
}

/** What earlier runs downloaded under a digest, and whether it has that digest still; up to the first that has. */
export async function downloadedFiles(
  sha256: string,
  { cacheDir, signal, digest = (path: string) => digestFile(path, signal) }: DownloadedFilesOptions,
): Promise<readonly { readonly path: string; readonly isRight: boolean }[]> {
  const directory = join(cacheDir, DOWNLOADS);
  const files: { path: string; isRight: boolean }[] = [];
  for (const name of await readdir(directory).catch(() => [])) {
    if (!name.startsWith(sha256) || imageExtension(name) !== name.slice(sha256.length)) continue;
    const path = join(directory, name);
    if (!(await lstat(path).catch(() => undefined))?.isFile()) continue;
    const isRight = (await digest(path)) === sha256;
    files.push({ path, isRight });
    if (isRight) break;
  }
  return files;
}

/**
 * A base image that was downloaded earlier, by its digest; undefined where there is none. Nothing is fetched or removed.
 *
 * @param sha256 - of the file, hex
 * @throws ImageError `IMAGE_DOWNLOAD_URL` for what is no digest.
 */
export async function findDownloadedImage(
  sha256: string,
  options: DownloadedFilesOptions,
): Promise<string | undefined> {
  const files = await downloadedFiles(parseSha256(sha256), options);
  return files.find(({ isRight }) => isRight)?.path;
}
