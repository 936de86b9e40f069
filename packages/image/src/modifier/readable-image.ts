import type { PartitionSelector } from '../engine/image-engine.js';
import type { ReadableFileSystem } from '../filesystem/file-system.js';

/** An image that is only looked into: an opened session, or what is remembered of one. */
export interface ReadableImage {
  /** The filesystem of one partition. @throws ImageError `IMAGE_NO_PARTITION`. */
  files(selector?: PartitionSelector): Promise<{ readonly fileSystem: ReadableFileSystem }>;
}
