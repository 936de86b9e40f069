export { ImageError, type ImageErrorCode } from './image-error.js';
export {
  IMAGE_ENGINE,
  type ImageBackendId,
  type ImageEngine,
  type ImageSession,
  type OpenImageOptions,
  type PartitionSelector,
  type SavedImage,
  type SaveImageOptions,
} from './engine/image-engine.js';
export type { ImageFiles } from './filesystem/image-files.js';
export type {
  DirectoryEntry,
  FileAttributes,
  FileContent,
  FileStat,
  FileSystem,
  FileSystemUsage,
  FileType,
} from './filesystem/file-system.js';
export type { Partition, PartitionTable } from './partition/partition-table.js';
export type { ReadableDisk, WritableDisk } from './disk/disk.js';
export { OverlayDisk, type DiskRange, type OverlayDiskOptions } from './disk/overlay-disk.js';
export { PartitionDisk, ReadablePartitionDisk } from './disk/partition-disk.js';
export { openRawDisk, RawDisk, type OpenRawDiskOptions } from './disk/raw-disk.js';
export { openXzDisk, XzDisk, type OpenXzDiskOptions } from './disk/xz-disk.js';
export type { ImageContainer } from './compression/image-container.js';
export { ImageSource, type OpenImageDiskOptions } from './compression/image-source.js';
export { openImageDisk } from './compression/open-image-disk.js';
export { streamImage } from './output/stream-image.js';
export { writeImage } from './output/write-image.js';
