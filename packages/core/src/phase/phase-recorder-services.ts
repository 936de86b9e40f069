import type { BoardGuard } from '../board/board-guard.js';
import type { EventBus } from '../event/event-bus.js';
import type { Redactor } from '../logging/redactor.js';
import type { StateStore } from '../state/state-store.js';
import type { PhaseName } from './phase.js';

/** What recording needs of the cluster. */
export interface PhaseRecorderServices {
  readonly state: StateStore;
  readonly events: EventBus;
  readonly redactor: Redactor;
  readonly now: () => Date;
  /** Throws where the phase is not to run with these inputs, in a run of a plan. */
  readonly assertPlanned?: ((phase: PhaseName, inputHash: string) => void) | undefined;
  /** What the run was asked for, for others who want the same phase. */
  readonly command?: string | undefined;
  /** Whether the records are about the board that answers. */
  readonly guard: BoardGuard;
}
