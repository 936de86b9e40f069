import { createHash } from 'node:crypto';
import type { Progress } from '@turingpi/foundation';
import { passSegments } from '../disk/file-segment.js';
import type { OverlayDisk } from '../disk/overlay-disk.js';
import { RawDisk } from '../disk/raw-disk.js';
import type { XzDisk } from '../xz/xz-disk.js';
import { AtomicFile } from './atomic-file.js';
import { rawChunks } from './raw-chunks.js';
import { writeSparsely, type WrittenBytes } from './write-sparsely.js';

/** How much of an edit is in memory at a time. */
const EDIT_BYTES = 1024 * 1024;

export interface WriteRawOptions {
  readonly signal: AbortSignal;
  readonly progress?: (progress: Progress) => void;
  /** The last chance to say no: when it throws, nothing is kept. */
  readonly beforeCommit: () => Promise<void>;
}

/**
 * Writes an edited image uncompressed: a clone of a raw base that only the edits are written to, where the filesystem can
 * clone files; else byte for byte with holes for zeros.
 *
 * @param path - Absolute.
 */
export async function writeRaw(
  base: RawDisk | XzDisk,
  overlay: OverlayDisk | undefined,
  path: string,
  { signal, progress, beforeCommit }: WriteRawOptions,
): Promise<WrittenBytes> {
  const clone = base instanceof RawDisk ? await AtomicFile.clone(path, base.segment()) : undefined;
  await using target = clone ?? (await AtomicFile.create(path));
  const written = clone
    ? await writeEdits(overlay, clone, base.sizeBytes, signal, progress)
    : await writeSparsely(rawChunks(base, overlay, signal), target, base.sizeBytes, path, progress);
  signal.throwIfAborted();
  await beforeCommit();
  await target.commit();
  return written;
}

/** Writes the edits over a clone, then reads all of it for its digest. */
async function writeEdits(
  overlay: OverlayDisk | undefined,
  target: AtomicFile,
  sizeBytes: number,
  signal: AbortSignal,
  progress?: (progress: Progress) => void,
): Promise<WrittenBytes> {
  for (const { offset, length } of overlay?.dirtyRanges() ?? []) {
    for (let done = 0; overlay && done < length; done += EDIT_BYTES) {
      signal.throwIfAborted();
      const position = offset + done;
      await target.write(await overlay.read(position, Math.min(EDIT_BYTES, length - done)), position);
    }
  }
  const hash = createHash('sha256');
  let done = 0;
  const all = { file: target.handle, path: target.path, offset: 0, length: sizeBytes };
  for await (const chunk of passSegments([all], signal)) {
    hash.update(chunk);
    done += chunk.length;
    progress?.({ activity: 'write', done, total: sizeBytes, unit: 'bytes' });
  }
  return { sizeBytes, sha256: hash.digest('hex') };
}
