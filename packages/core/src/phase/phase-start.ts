import type { InputChange } from '@turingpi/foundation';
import type { PhaseStartReason } from '../event/event.js';
import type { PhaseRecord } from '../state/state-document.js';
import type { PhaseFacts } from './claimed-record.js';

/** How a phase begins. */
export interface PhaseStart {
  readonly reason: PhaseStartReason;
  readonly facts: PhaseFacts & { readonly input_hash: string };
  /** The record on which it was decided to run it. */
  readonly seen: PhaseRecord | undefined;
  /** How many entries of its journal still hold, where it keeps one. */
  readonly keepJournal?: number;
  /** Which named inputs differ from what is on record. */
  readonly changes?: readonly InputChange[];
}
