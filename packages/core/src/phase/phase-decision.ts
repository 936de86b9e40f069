import type { PhaseStartReason } from '../event/event.js';
import type { ErasePermit, InputChange } from '@turingpi/foundation';
import type { PhaseRecord } from '../state/state-document.js';
import type { InPlaceChange } from './in-place.js';
import type { PhaseName, PhaseOutputs } from './phase.js';

/** What becomes of a phase: its recorded output is taken, or it runs. */
export type PhaseDecision<P extends PhaseName> =
  | {
      readonly reuse: PhaseOutputs[P];
      /** What is to be said besides "nothing changed". */
      readonly note?: string;
      /** What the record learns by it. */
      readonly amend?: Partial<PhaseRecord>;
      /** The recipe of what is taken, where it stands for other inputs than it was made of. */
      readonly recipe?: number | undefined;
    }
  | {
      readonly run: PhaseStartReason;
      readonly permit?: ErasePermit;
      /** What is on the disk already: nothing is erased. */
      readonly written?: PhaseOutputs[P];
      /** Which named inputs differ, where it is not told by the phase's own record. */
      readonly changes?: readonly InputChange[];
      /** The node is changed as it runs: nothing is erased. */
      readonly inPlace?: InPlaceChange<P> & { readonly installed: PhaseRecord };
    };
