import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ImageBackend, ImageFiles, ImageSession } from '@turingpi/image';

/** A backend to be tested, and what with. */
export interface ImageBackendSubject {
  readonly backend: ImageBackend;
  /** An image with an ext4 root of at least 32 MiB, merged `/usr` (`/bin` → `usr/bin`), and a FAT partition. */
  readonly image: string;
  /** Selects the FAT partition, for example `CIDATA`. */
  readonly fatPartition: string | number;
  /** Runs the host's checks (`e2fsck -fn`, `fsck.vfat -n`) on a saved raw image; rejects when one finds something. */
  readonly checkRawImage: (path: string) => Promise<void>;
}

/** An opened image in a directory of its own. */
export interface OpenedSubject {
  readonly session: ImageSession;
  readonly root: ImageFiles;
  /** Removed afterwards. */
  readonly directory: string;
  readonly signal: AbortSignal;
}

/** Opens an image with the backend, and leaves nothing of it afterwards. */
export async function withSession<T>(
  { backend, image }: Pick<ImageBackendSubject, 'backend' | 'image'>,
  use: (opened: OpenedSubject) => Promise<T>,
): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'turingpi-conformance-'));
  const { signal } = new AbortController();
  try {
    const cacheDir = join(directory, 'cache');
    await using session = await backend.open(image, { signal, cacheDir }, `${backend.id} is tested.`);
    return await use({ session, root: await session.files(), directory, signal });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
