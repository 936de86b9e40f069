import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { hostFileError } from '../disk/host-file-error.js';

const CHUNK_BYTES = 512 * 1024;

/**
 * SHA-256 of a file of the host, hex, read in pieces.
 *
 * @throws ImageError `IMAGE_NOT_FOUND`, `IMAGE_UNREADABLE`; the reason of the signal.
 */
export async function digestFile(path: string, signal: AbortSignal): Promise<string> {
  signal.throwIfAborted();
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path, { highWaterMark: CHUNK_BYTES }), hash, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw hostFileError(error, path, 'read');
  }
  return hash.digest('hex');
}
