import { createGunzip } from 'node:zlib';
import { readSegments, type FileRange } from '../disk/file-segment.js';
import { decodeInWorker } from './decode-in-worker.js';
import type { ImageContainer } from './image-container.js';
import { runThrough } from './run-through.js';
import { unpackZip } from './unpack-zip.js';

export interface UnpackOptions {
  readonly signal: AbortSignal;
  /** Where a decoder keeps, without a name, what does not fit in memory. */
  readonly cacheDir: string;
}

/**
 * Decompresses a file of a container without random access, from its first byte to its last.
 *
 * @throws ImageError `IMAGE_CORRUPT`, `IMAGE_NOT_AN_IMAGE`, `IMAGE_UNSUPPORTED_COMPRESSION`,
 * `IMAGE_SOURCE_CHANGED`, `IMAGE_UNREADABLE`, `IMAGE_HOST_NO_SPACE`; the reason of the signal.
 */
export function unpack(
  container: Exclude<ImageContainer, 'raw' | 'xz'>,
  file: FileRange,
  { signal, cacheDir }: UnpackOptions,
): AsyncGenerator<Buffer, void, undefined> {
  switch (container) {
    case 'gz':
      return runThrough(readSegments([file], signal), createGunzip({ chunkSize: 256 * 1024 }), file.path);
    case 'zip':
      return unpackZip(file, signal);
    case 'zst':
    case 'bz2':
      return decodeInWorker(container, file, { signal, scratchDir: cacheDir });
  }
}
