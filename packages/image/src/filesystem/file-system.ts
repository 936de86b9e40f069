import type { Readable } from 'node:stream';

/** What an inode is. */
export type FileType =
  'file' | 'directory' | 'symlink' | 'character-device' | 'block-device' | 'fifo' | 'socket';

/** What is known about one path, never following a symlink at its end. */
export interface FileStat {
  readonly type: FileType;
  /** Permission bits with setuid, setgid and sticky: 0 to 0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Length in bytes; for a symlink, of its target. */
  readonly size: number;
  /** Last change of the content. */
  readonly mtime: Date;
  /** Number of names of this inode. */
  readonly links: number;
  /** Identity inside its filesystem; equal for hard links. */
  readonly inode: number;
}

export interface DirectoryEntry {
  readonly name: string;
  readonly type: FileType;
}

/** Owner, permissions and times of something about to be made or changed. */
export interface FileAttributes {
  /** Permission bits, 0 to 0o7777. */
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly mtime?: Date;
}

/** The content of a file: bytes in memory, or a stream with its length known beforehand. */
export type FileContent = Uint8Array | { readonly stream: Readable; readonly size: number };

export interface FileSystemUsage {
  readonly blockSizeBytes: number;
  readonly totalBytes: number;
  readonly freeBytes: number;
  readonly totalInodes: number | undefined;
  readonly freeInodes: number | undefined;
}

/**
 * One mounted filesystem inside an image, by *real* paths.
 *
 * @remarks
 * Paths are absolute inside this filesystem, `/`-separated and normalised: no `.`, `..`, empty component or NUL.
 * Nothing here follows a symlink: one in the middle of a path is `IMAGE_NOT_A_DIRECTORY`, at the end it is the
 * thing itself. Following links as the node would is the job of one resolver above, shared by all filesystems.
 * Every method may throw `ImageError`; after a failed call the filesystem is consistent.
 */
export interface ReadableFileSystem {
  readonly kind: 'ext4' | 'fat';
  readonly label: string;
  readonly uuid: string | undefined;
  /** Facts for people: features, layout, sizes; JSON-safe. */
  readonly facts: Readonly<Record<string, unknown>>;

  usage(): Promise<FileSystemUsage>;
  /** Undefined when there is nothing at the path. */
  lstat(path: string): Promise<FileStat | undefined>;
  list(path: string): Promise<DirectoryEntry[]>;
  /** Reads a whole file; `IMAGE_TOO_LARGE` above `maxBytes` (default 16 MiB). */
  readFile(path: string, options?: { readonly maxBytes?: number }): Promise<Buffer>;
  /** Streams a file's content in order, holes as zeros. */
  readStream(path: string): Readable;
  readLink(path: string): Promise<string>;
  /** Extended attributes by full name, for example `security.capability`. Empty on FAT. */
  readExtendedAttributes(path: string): Promise<ReadonlyMap<string, Buffer>>;
}

/** A filesystem that can be changed; what is said of paths and failures in {@link ReadableFileSystem} holds here too. */
export interface FileSystem extends ReadableFileSystem, AsyncDisposable {
  /**
   * Makes a file or replaces the content of an existing one.
   * An existing file keeps its inode, owner, mode and extended attributes, unless `attributes` says otherwise;
   * a new one gets root's ownership and 0644. Missing parents are an error.
   */
  writeFile(path: string, content: FileContent, attributes?: FileAttributes): Promise<void>;
  appendFile(path: string, content: FileContent): Promise<void>;
  /** Makes one directory (0755, root's); `IMAGE_PATH_EXISTS` when something is there. */
  mkdir(path: string, attributes?: FileAttributes): Promise<void>;
  /** Makes a symlink at `path` that says `target`. */
  symlink(target: string, path: string, attributes?: FileAttributes): Promise<void>;
  /** Gives an existing file another name. */
  link(existing: string, path: string): Promise<void>;
  /** Changes attributes of what is at the path, a symlink itself included. */
  setAttributes(path: string, attributes: FileAttributes): Promise<void>;
  /** Renames, replacing an existing file or empty directory as POSIX `rename` does. */
  rename(from: string, to: string): Promise<void>;
  /** Removes a file, a symlink or an empty directory. */
  remove(path: string): Promise<void>;
  /** Writes everything still held in memory down to the disk. */
  flush(): Promise<void>;
  /**
   * Checks everything touched since the filesystem was opened (bitmaps, counts, checksums, structure).
   * @throws ImageError `IMAGE_SELF_CHECK_FAILED` naming what is wrong.
   */
  selfCheck(): Promise<void>;
}
