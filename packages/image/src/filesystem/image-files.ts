import type { DirectoryEntry, FileAttributes, FileContent, FileStat, FileSystem } from './file-system.js';

/**
 * The files of one partition by the paths people write: symlinks are followed as the node would follow them, and
 * nothing ever leads outside the filesystem.
 */
export interface ImageFiles {
  /** The filesystem underneath, by real paths. */
  readonly fileSystem: FileSystem;
  /** The real path behind a path, following links; the last component need not exist. */
  realPath(path: string): Promise<string>;
  exists(path: string): Promise<boolean>;
  /** Follows a link at the end. @throws ImageError `IMAGE_PATH_NOT_FOUND`. */
  stat(path: string): Promise<FileStat>;
  /** Does not follow a link at the end; undefined when nothing is there. */
  lstat(path: string): Promise<FileStat | undefined>;
  list(path: string): Promise<DirectoryEntry[]>;
  readFile(path: string, options?: { readonly maxBytes?: number }): Promise<Buffer>;
  /** UTF-8 text, or undefined when there is no such file. */
  readText(path: string): Promise<string | undefined>;
  /** The target a symlink states. */
  readLink(path: string): Promise<string>;
  /**
   * Writes a file, making missing parents (0755): those in a directory that is the file's owner's are that owner's,
   * others are root's. A new file is root's, 0644, unless attributes say.
   */
  writeFile(path: string, content: string | FileContent, attributes?: FileAttributes): Promise<void>;
  appendFile(path: string, content: string | FileContent): Promise<void>;
  /**
   * Makes a directory and those on the way to it, whose owner is found as for `writeFile`; when one of them fails, the
   * ones before it stay.
   */
  mkdir(path: string, attributes?: FileAttributes): Promise<void>;
  /** Makes or replaces a symlink at `path` that says `target`. */
  symlink(target: string, path: string): Promise<void>;
  setAttributes(path: string, attributes: FileAttributes): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Removes a file, link, or a directory with everything below it; a missing path is fine. */
  remove(path: string): Promise<void>;
}
