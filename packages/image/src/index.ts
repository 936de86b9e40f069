export { ImageError, type ImageErrorCode } from './image-error.js';
export type {
  ImageBackendId,
  ImageEngine,
  ImageSession,
  OpenImageOptions,
  PartitionSelector,
  SavedImage,
  SaveImageOptions,
  StreamImageOptions,
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
export { openXzDisk, type OpenXzDiskOptions } from './xz/open-xz-disk.js';
export { XzDisk } from './xz/xz-disk.js';
export { cacheDirectories } from './cache/cache-directories.js';
export type { CacheEntry, CacheEntryKind } from './cache/cache-entry.js';
export { type CacheLocation, listCache } from './cache/list-cache.js';
export { NOTHING_RECORDED, type RecordedResults } from './cache/recorded-results.js';
export { limitCache, type LimitCacheOptions } from './cache/limit-cache.js';
export { DEFAULT_CACHE_BYTES, pruneCache, type PrunedCache, type PruneOptions } from './cache/prune-cache.js';
export { removeReplaced, type RemoveReplacedOptions } from './cache/remove-replaced.js';
export { type VerifiedEntry, verifyCache, type VerifyOptions } from './cache/verify-cache.js';
export type { ImageContainer } from './compression/image-container.js';
export { ImageSource, type OpenImageDiskOptions } from './compression/image-source.js';
export { assertDiskImage, assertImageFile } from './compression/assert-disk-image.js';
export { openImageDisk } from './compression/open-image-disk.js';
export {
  downloadBaseImage,
  placeOfDownload,
  type DownloadedImage,
  type DownloadOptions,
  type DownloadSource,
} from './download/download-base-image.js';
export { type DownloadedFilesOptions, findDownloadedImage } from './download/downloaded-files.js';
export { type FlashableImage, flashableImage } from './output/flashable-image.js';
export { streamImage } from './output/stream-image.js';
export { writeImage } from './output/write-image.js';
export { BackendImageEngine } from './engine/backend-image-engine.js';
export type { ImageBackend } from './engine/image-backend.js';
export { MemoryDisk } from './disk/memory-disk.js';
export { openExt4, type Ext4Options } from './ext4/open-ext4.js';
export { probeExt4, type Ext4Summary } from './ext4/probe-ext4.js';
export { openFat, type OpenFatOptions } from './fat/fat-file-system.js';
export { type FileSystemIdentity, identifyFileSystem } from './filesystem/identify-file-system.js';
export { LinkedImageFiles } from './filesystem/linked-image-files.js';
export { openFileSystem, type OpenFileSystemOptions } from './filesystem/open-file-system.js';
export { type FileSystemKind, probeFileSystem } from './filesystem/probe-file-system.js';
export { applyRecording, type ApplyRecordingOptions } from './modifier/apply-recording.js';
export {
  describeImage,
  type FileSystemDescription,
  type ImageDescription,
  type PartitionDescription,
} from './inspection/describe-image.js';
export type { XzDescription } from './inspection/describe-xz.js';
export {
  type ChangedFact,
  diffImages,
  type FileDifference,
  type FileFacts,
  type PartitionRemark,
} from './inspection/diff-images.js';
export { listImageFiles, type ListedFile } from './inspection/list-image-files.js';
export { editImageFile, type EditedImage, type EditImageOptions } from './modifier/edit-image-file.js';
export type { ImageChange, ImageOperation } from './modifier/image-operation.js';
export type { ImageRecording } from './modifier/image-recording.js';
export { recordImageModifications, type RecordOptions } from './modifier/record-image-modifications.js';
export type { BytesPart, LocalPart } from './modifier/recorded-content.js';
export type { FileSystemAnswers, RememberedStat } from './modifier/remembered-file-system.js';
export { type ImageAnswers, RememberedImage } from './modifier/remembered-image.js';
export { readPartitionTable } from './partition/read-partition-table.js';

export { PartitionFiles } from './engine/partition-files.js';
export { UserspaceBackend } from './engine/userspace-backend.js';

export { findLeftovers } from './leftovers/find-leftovers.js';
export type { FindLeftoversOptions, Leftover, LeftoverContainers } from './leftovers/leftover.js';
export { removeLeftovers, type RemovedLeftovers } from './leftovers/remove-leftovers.js';
export type { BaseImageSource } from './download/base-image-source.js';
export type { ImageFileOptions, ImageFileStat, ImageModifier } from './modifier/image-modifier.js';
