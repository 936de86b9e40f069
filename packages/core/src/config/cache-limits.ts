/** Where what runs make is kept, and how much of it. */
export interface CacheLimits {
  /** Absolute. */
  readonly cacheDir: string;
  /** What may stay in the cache after a run, in bytes. Default 20 GB. */
  readonly cacheMaxBytes: number;
}
