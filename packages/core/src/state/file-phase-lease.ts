import type { NodeName } from '@turingpi/foundation';
import type { PhaseName } from '../phase/phase.js';
import { FileLease } from './file-lease.js';
import type { PhaseLease } from './lease.js';

/** Where the record of a phase is. */
export interface PhasePlace {
  readonly node: NodeName;
  readonly phase: PhaseName;
}

/** The lease of a phase, whose journal it counts. */
export class FilePhaseLease extends FileLease<PhasePlace> implements PhaseLease {
  /** How many entries its journal has; undefined where it keeps none. */
  entries: number | undefined;

  get node(): NodeName {
    return this.place.node;
  }

  get phase(): PhaseName {
    return this.place.phase;
  }
}
