import { createHash } from 'node:crypto';
import { passSegments, type FileSegment } from './file-segment.js';

/** SHA-256 of segments, hex; hashes chunk by chunk, so that the event loop turns in between. */
export async function sha256OfSegments(
  segments: Iterable<FileSegment>,
  signal: AbortSignal,
  onBytes?: (bytes: number) => void,
): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of passSegments(segments, signal)) {
    hash.update(chunk);
    onBytes?.(chunk.length);
  }
  return hash.digest('hex');
}
