import type { LockHolder } from '@turingpi/foundation';
import type { TransferRecord } from './transfer-journal.js';

/** Flashing on one board by programs of this user on this computer. */
export interface LocalTransfer {
  /** The process that has the board for itself now. */
  readonly holder: LockHolder | undefined;
  /** Its transfer, or one whose process crashed before the board was restored. */
  readonly record: TransferRecord | undefined;
}
