/** Attributes of what is written into an image. */
export interface ImageFileOptions {
  /** Permission bits, 0 to 0o7777. Default: 0644 for files, 0755 for directories, the source's mode for copies. */
  readonly mode?: number;
  /** Default 0, root. */
  readonly uid?: number;
  readonly gid?: number;
  readonly mtime?: Date;
}

/** What `stat` says about a path inside an image. */
export interface ImageFileStat {
  readonly type: 'file' | 'directory' | 'symlink' | 'other';
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes. */
  readonly size: number;
  readonly mtime: Date;
}

/**
 * The files of an image, as `withPreInstall` gets them.
 *
 * @remarks Paths are absolute inside the image; no path, `..` or symlink leads outside it, and links are followed as
 * the node itself would. Reads see what the same callback wrote before. There are no commands here: they belong
 * into the post-install phase.
 */
export interface ImageModifier {
  /** Writes a file, making missing parent directories. */
  writeFile(path: string, content: string | Uint8Array, options?: ImageFileOptions): Promise<void>;
  appendFile(path: string, content: string | Uint8Array): Promise<void>;
  readFile(path: string): Promise<Buffer>;
  /** Copies a file of this machine; relative sources are relative to the working directory. */
  copyLocalFile(source: string, path: string, options?: ImageFileOptions): Promise<void>;
  /** Copies a directory of this machine with everything below it, links as links. */
  copyLocalDirectory(source: string, path: string, options?: ImageFileOptions): Promise<void>;
  /** Writes a template file of this machine with every `{{name}}` replaced; an unknown name is an error. */
  writeTemplate(
    source: string,
    path: string,
    values: Readonly<Record<string, string | number>>,
    options?: ImageFileOptions,
  ): Promise<void>;
  /** Makes a directory and its missing parents; an existing one is fine. */
  mkdir(path: string, options?: ImageFileOptions): Promise<void>;
  chmod(path: string, mode: number): Promise<void>;
  chown(path: string, uid: number, gid: number): Promise<void>;
  /** Makes a symlink at `path` that says `target`. */
  symlink(target: string, path: string): Promise<void>;
  /** Removes a file, a link, or a directory with everything below it. A missing path is fine. */
  remove(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  exists(path: string): Promise<boolean>;
  stat(path: string): Promise<ImageFileStat>;
  /** Names in a directory, sorted. */
  list(path: string): Promise<string[]>;
  /** The same operations on another partition: by label, by number counted from one, or by GUID. */
  partition(selector: string | number): ImageModifier;
}
