import { removeLeftovers } from '../leftovers/remove-leftovers.js';
import { cacheDirectories } from '../cache/cache-directories.js';
import type { ImageBackend } from './image-backend.js';
import type { ImageSession, OpenImageOptions } from './image-engine.js';
import { UserspaceImageSession } from './userspace-image-session.js';

/** Our own drivers for xz, partitions, ext4 and FAT: works on every host. */
export class UserspaceBackend implements ImageBackend {
  readonly id = 'userspace';

  unavailable(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  async open(path: string, options: OpenImageOptions, reason: string): Promise<ImageSession> {
    await removeLeftovers({ directories: cacheDirectories(options.cacheDir) });
    return UserspaceImageSession.open(path, options, reason);
  }
}
