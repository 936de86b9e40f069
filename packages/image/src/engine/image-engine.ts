import type { ImageStream, Progress } from '@turingpi/foundation';
import type { ImageFiles } from '../filesystem/image-files.js';
import type { PartitionTable } from '../partition/partition-table.js';

/** Chooses a partition: `root` (the root filesystem, found by content), a label, a GUID, or a number counted from one. */
export type PartitionSelector = string | number;

/** Who edits: `userspace`, which is our own drivers, or another backend by its id, for example `loop` or `docker`. */
export type ImageBackendId = string;

export interface OpenImageOptions {
  readonly signal: AbortSignal;
  /** Where converted bases and encoded pieces are kept. */
  readonly cacheDir: string;
  /**
   * The partition that is the root filesystem when it has an os-release file; for images with several. Default: the only one
   * that has.
   */
  readonly root?: PartitionSelector;
  /** Default `auto`: userspace, and another one only for a reason that is told. */
  readonly backend?: ImageBackendId;
  /** What a container is made of, for backends that use one. */
  readonly containerImage?: string;
  readonly progress?: (progress: Progress) => void;
}

export interface SaveImageOptions {
  readonly format: 'xz' | 'raw';
  readonly signal: AbortSignal;
  readonly progress?: (progress: Progress) => void;
  /** Also computes the SHA-256 of the decompressed image, which reads it all. Always done for `raw`. */
  readonly rawDigest?: boolean;
}

/** A finished image file and its digests. */
export interface SavedImage {
  /** Absolute. */
  readonly path: string;
  readonly format: 'xz' | 'raw';
  /** Length of the file in bytes. */
  readonly sizeBytes: number;
  /** SHA-256 of the file's bytes, hex. */
  readonly sha256: string;
  /** Length of the decompressed disk image in bytes. */
  readonly rawSizeBytes: number;
  /** SHA-256 of the decompressed disk image, hex, when asked for. */
  readonly rawSha256: string | undefined;
}

/**
 * One image, opened for reading and editing.
 *
 * @remarks The source file is never changed: edits live in an overlay (or a working copy) until `save`.
 */
export interface ImageSession extends AsyncDisposable {
  readonly backend: ImageBackendId;
  /** Why this backend, in one sentence. */
  readonly backendReason: string;
  readonly rawSizeBytes: number;
  readonly partitionTable: PartitionTable;
  /** The files of one partition, links followed as the node would. @throws ImageError `IMAGE_NO_PARTITION`. */
  files(selector?: PartitionSelector): Promise<ImageFiles>;
  /**
   * Checks what was edited and writes a new image file: a temporary file beside the target, fsync, rename.
   * Mode 0600, because images carry keys and hashes.
   */
  save(path: string, options: SaveImageOptions): Promise<SavedImage>;
  /** The edited image as a stream, without a file. */
  stream(format: 'xz' | 'raw', signal: AbortSignal): Promise<ImageStream>;
}

/** How a finished image file is opened for flashing. */
export interface StreamImageOptions {
  /** Stops opening and reading. */
  readonly signal: AbortSignal;
  /** Where what is not read as it is gets unpacked. Default: beside the file. */
  readonly cacheDir?: string;
}

/** The image engine, as other packages ask for it. */
export interface ImageEngine {
  /** Opens an `.img`, `.img.xz`, `.gz`, `.zst`, `.bz2` or `.zip` image, recognised by content. */
  open(path: string, options: OpenImageOptions): Promise<ImageSession>;
  /** Opens a finished image file as a stream for flashing. */
  stream(path: string, format: 'xz' | 'raw', options: StreamImageOptions): Promise<ImageStream>;
  /** SHA-256 of a file, hex; hashes off the main thread's way and can be aborted. */
  digest(path: string, signal: AbortSignal): Promise<string>;
  /**
   * SHA-256 of the decompressed disk image in a file, hex, whatever its compression: two files with the same one are
   * the same image. Reads and decodes all of it.
   */
  contentDigest(
    path: string,
    options: { readonly cacheDir: string; readonly signal: AbortSignal },
  ): Promise<string>;
}
