import type { CleanupStack, ErasePermit, Logger, Progress } from '@turingpi/foundation';
import type { InstalledNode } from './phase.js';

/** What a phase gets while it executes. */
export interface PhaseEnvironment {
  readonly signal: AbortSignal;
  readonly logger: Logger;
  /** Undone when the phase ends; the phase is recorded as completed only after this succeeded. */
  readonly cleanup: CleanupStack;
  readonly progress: (progress: Progress) => void;
  /** The right to erase the node's disk: for the installation alone, when it executes. */
  readonly permit?: ErasePermit;
  /**
   * For the installation alone: what an earlier run has put onto the disk, whole and checked, before it was stopped. It is
   * not written again; the node is only to be brought up.
   */
  readonly written?: InstalledNode;
  /**
   * For the installation alone: notes what is on the disk now, whole and checked, so that a run that is stopped from here on
   * need not write it again. Undefined: the next run is not to rely on it.
   */
  readonly hasWritten: (output: InstalledNode | undefined) => Promise<void>;
  /**
   * Waits for something that the step has named among its resources, for as long as it is needed. `image-work` is there
   * already when a step that names it runs.
   *
   * @throws The reason of the signal; StateError when a slot cannot be leased from the store of the state.
   */
  take(resource: StepResource): Promise<HeldResource>;
  /** Whether another node has a resource, waits for it, or is about to. */
  isWanted(resource: StepResource): boolean;
}

/** A resource that a phase has until it disposes of it. */
export interface HeldResource extends AsyncDisposable {
  /** Fires with the phase's own signal, and when another process has taken the resource over. */
  readonly signal: AbortSignal;
  /**
   * Looks in the store whether it and the phase are still this run's: for the moment before what harms somebody who has
   * taken over, while this process was suspended and the signal does not know yet.
   */
  isOurs(): Promise<boolean>;
}

/**
 * What a step needs that others may need at the same time, for whoever decides when it runs: the processor for work on an
 * image (one at a time), the slot of a board for as long as a strategy writes, a session with a node.
 */
export type StepResource = 'image-work' | 'slot' | 'ssh';
