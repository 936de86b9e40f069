/** What is recorded of the images in a cache: data, whoever keeps the records. */
export interface RecordedResults {
  /** Digest (hex) by absolute path of every image that records count on; undefined when it is not recorded. */
  readonly digests: ReadonlyMap<string, string | undefined>;
  /** A run that may need anything in the cache is under way. */
  readonly running: boolean;
  /** There are records that cannot be understood: every image may be one that they count on. */
  readonly unreadable: boolean;
}

/** No records are kept of what is in the cache. */
export const NOTHING_RECORDED: RecordedResults = { digests: new Map(), running: false, unreadable: false };
