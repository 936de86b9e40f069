import type { Erasure } from './erasure.js';

/** One approved erasure, written before the first byte is. */
export interface LedgerEntry extends Pick<Erasure, 'board' | 'node' | 'disk' | 'plan' | 'evidence'> {
  /** ISO 8601. */
  readonly at: string;
}
