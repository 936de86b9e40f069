import type { PhaseStartReason } from '../event/event.js';
import type { ErasePermit } from '@turingpi/foundation';
import type { PhaseRecord } from '../state/state-document.js';
import type { PhaseName, PhaseOutputs } from './phase.js';

/** What becomes of a phase: its recorded output is taken, or it runs. */
export type PhaseDecision<P extends PhaseName> =
  | {
      readonly reuse: PhaseOutputs[P];
      /** What is to be said besides "nothing changed". */
      readonly note?: string;
      /** What the record learns by it. */
      readonly amend?: Partial<PhaseRecord>;
    }
  | { readonly run: PhaseStartReason; readonly permit?: ErasePermit };
