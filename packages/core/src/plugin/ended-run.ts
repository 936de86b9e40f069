import type { CacheLimits } from '../config/cache-limits.js';
import type { Logger } from '@turingpi/foundation';
import type { RecordedImages } from '../state/recorded-images.js';

/** What is told to plugins when no node is being run any more. */
export interface EndedRun {
  readonly config: CacheLimits & {
    /** Where relative paths in it start; absolute. */
    readonly baseDir: string;
    /** What it says under the keys that plugins bring: `configOf` tells it. */
    readonly contributed: Readonly<Record<string, unknown>>;
  };
  /** The image files that records in the cache directory name, which are to be kept. */
  readonly recordedImages: () => Promise<RecordedImages>;
  /**
   * SHA-256 (hex) by absolute path of images that records named when the run began and none names now: of former inputs of
   * nodes, which have been installed since. Empty where there are records that cannot be understood.
   */
  readonly replacedImages: () => Promise<ReadonlyMap<string, string>>;
  /** Says something in the summary of the run, as one line. */
  readonly remark: (text: string) => void;
  /** When the first of its nodes was begun, by this computer's clock. */
  readonly startedAt: Date;
  readonly logger: Logger;
}
