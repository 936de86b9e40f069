import { createHash } from 'node:crypto';
import type { Progress } from '@turingpi/core/plugin';
import { readSegments } from '../disk/file-segment.js';
import type { OverlayDisk } from '../disk/overlay-disk.js';
import type { XzDisk } from '../disk/xz-disk.js';
import type { AtomicFile } from './atomic-file.js';
import type { WrittenBytes } from './write-raw.js';
import { assembleXz } from './xz-assembly.js';

/** Writes an edited .xz image into `target`, hashing on the way. */
export async function writeXz(
  base: XzDisk,
  overlay: OverlayDisk | undefined,
  target: AtomicFile,
  signal: AbortSignal,
  progress?: (progress: Progress) => void,
): Promise<WrittenBytes> {
  progress?.({ activity: 'compress' });
  await using assembly = await assembleXz(base, overlay, signal);
  const hash = createHash('sha256');
  let position = 0;
  for await (const chunk of readSegments(assembly.segments, signal)) {
    const written = target.write(chunk, position);
    hash.update(chunk); // while the kernel copies
    await written;
    position += chunk.length;
    progress?.({ activity: 'write', done: position, total: assembly.lengthBytes, unit: 'bytes' });
  }
  return { sizeBytes: position, sha256: hash.digest('hex') };
}
