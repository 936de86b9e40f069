/** What backends in other packages are made of: working copies, mounted files, the leftovers of runs that were killed. */
export { cacheDirectories } from './cache/cache-directories.js';
export type { WritableDisk } from './disk/disk.js';
export { PartitionDisk } from './disk/partition-disk.js';
export { BackendImageEngine } from './engine/backend-image-engine.js';
export type { ImageBackend } from './engine/image-backend.js';
export type { ImageSession, OpenImageOptions } from './engine/image-engine.js';
export { splitPath } from './ext4/namespace.js';
export { openExt4 } from './ext4/open-ext4.js';
export type {
  DirectoryEntry,
  FileAttributes,
  FileContent,
  FileStat,
  FileSystemUsage,
  FileType,
} from './filesystem/file-system.js';
export { decodeName, encodeName } from './filesystem/image-name.js';
export { ImageError } from './image-error.js';
export { type CommandResult, runHostCommand } from './leftovers/host-command.js';
export type { Leftover, LeftoverContainers } from './leftovers/leftover.js';
export { removeLeftovers } from './leftovers/remove-leftovers.js';
export type { Partition } from './partition/partition-table.js';
export { readPartitionTable } from './partition/read-partition-table.js';
export { contentLength, exactContent } from './working-copy/exact-content.js';
export { mountError } from './working-copy/mount-error.js';
export type { MountedFiles, PartitionMount } from './working-copy/partition-mount.js';
export { type PartitionMounter, WorkingCopySession } from './working-copy/working-copy-session.js';
export type { WorkingCopy } from './working-copy/working-copy.js';
