/**
 * What a file in the cache directory is: a customised image, a downloaded base image or the part of one that is there, a
 * base image converted for random access, what was made of single blocks, or what an image was asked to be.
 */
export type CacheEntryKind = 'result' | 'download' | 'partial-download' | 'base' | 'block' | 'request';

/** One file that the cache may do without. */
export interface CacheEntry {
  readonly kind: CacheEntryKind;
  /** Absolute. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly lastUsed: Date;
  /** Permission bits; undefined where files have none. */
  readonly mode: number | undefined;
  /** SHA-256 that its content must have, hex, where that is known. */
  readonly sha256: string | undefined;
  /** The state file counts on it: removing it makes the next run do its phase again. */
  readonly recorded: boolean;
  /** Why it must stay now; undefined when it may go. */
  readonly inUse: string | undefined;
  /** Where a download is from, without credentials and query. */
  readonly origin: string | undefined;
}
