import { createGunzip } from 'node:zlib';
import { readSegments, type FileRange } from '../disk/file-segment.js';
import { ImageError } from '../image-error.js';
import type { ImageContainer } from './image-container.js';
import { runThrough } from './run-through.js';

/** Decompresses a file of a container without random access, from its first byte to its last. */
export function unpack(
  container: Exclude<ImageContainer, 'raw' | 'xz'>,
  file: FileRange,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  switch (container) {
    case 'gz':
      return runThrough(readSegments([file], signal), createGunzip({ chunkSize: 256 * 1024 }), file.path);
    default:
      throw new ImageError('IMAGE_UNSUPPORTED_COMPRESSION', `${file.path} is packed as .${container}`);
  }
}
