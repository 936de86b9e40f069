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
