import type { Logger } from '@turingpi/foundation';
import type { BootingNodes } from './booting-nodes.js';
import type { FlashApis } from './flash-apis.js';
import type { FlashLock } from './flash-lock.js';
import type { FlashTimings } from './flash-timings.js';
import type { JobJournal } from './transfer-journal.js';

/** What a job works with. */
export interface FlashJobParts {
  readonly apis: FlashApis;
  readonly lock: FlashLock;
  readonly journal: JobJournal;
  readonly booting: BootingNodes;
  readonly timings: FlashTimings;
  readonly logger: Logger;
}
