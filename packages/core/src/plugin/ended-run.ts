import type { CacheLimits } from '../config/cache-limits.js';
import type { Logger } from '@turingpi/foundation';

/** What is told to plugins when no node is being run any more. */
export interface EndedRun {
  readonly config: CacheLimits;
  /** Where the state is, which names the results that count. */
  readonly stateFile: string;
  /** When the first of its nodes was begun, by this computer's clock. */
  readonly startedAt: Date;
  readonly logger: Logger;
}
