import { createHash } from 'node:crypto';
import type { Progress } from '@turingpi/foundation';
import { passSegments } from '../disk/file-segment.js';
import type { OverlayDisk } from '../disk/overlay-disk.js';
import type { XzDisk } from '../xz/xz-disk.js';
import type { AtomicFile } from './atomic-file.js';
import type { WrittenBytes } from './write-sparsely.js';
import { XzAssembly } from './xz-assembly.js';

/** Writes an edited .xz image into `target`, hashing on the way, while touched blocks are still being encoded. */
export async function writeXz(
  base: XzDisk,
  overlay: OverlayDisk | undefined,
  target: AtomicFile,
  signal: AbortSignal,
  progress?: (progress: Progress) => void,
): Promise<WrittenBytes> {
  await using assembly = new XzAssembly(base, overlay, signal);
  const hash = createHash('sha256');
  let position = 0;
  for await (const { segment } of assembly.parts()) {
    for await (const chunk of passSegments([segment], signal)) {
      const written = target.write(chunk, position);
      hash.update(chunk); // while the kernel copies
      await written;
      position += chunk.length;
      const total = Math.max(position, assembly.estimatedBytes);
      progress?.({ activity: 'write', done: position, total, unit: 'bytes' });
    }
  }
  return { sizeBytes: position, sha256: hash.digest('hex') };
}
