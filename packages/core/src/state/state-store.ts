import type { NodeName } from '@turingpi/foundation';
import type { PhaseName } from '../phase/phase.js';
import type { PhaseRecord, StateDocument } from './state-document.js';

/**
 * The next record of a phase, or how it comes from the one on file, decided while nobody else can write; undefined
 * leaves the one on file.
 */
export type PhaseChange =
  PhaseRecord | ((current: PhaseRecord | undefined) => Promise<PhaseRecord | undefined>);

/** The next document, decided while nobody else can write; undefined leaves the one on file. */
export type StateChange = (
  current: StateDocument,
) => StateDocument | undefined | Promise<StateDocument | undefined>;

/** Where the state of all nodes is kept. */
export interface StateStore {
  /** Where it is, for messages. */
  readonly location: string;
  /** @throws StateError `STATE_UNREADABLE` when it is there but damaged; it is left as it is. */
  read(): Promise<StateDocument>;
  /**
   * Replaces the whole document, under a lock that other processes respect; undefined leaves the one on file. What a
   * change throws passes through, and nothing is written.
   */
  update(change: StateChange): Promise<void>;
  /**
   * Moves a damaged file away, so that new records can be made.
   *
   * @returns Where it is now; undefined when it is not damaged.
   */
  setAside(): Promise<string | undefined>;
  /**
   * Replaces one phase's record, under a lock that other processes respect. What a change throws passes through, and
   * nothing is written.
   */
  writePhase(node: NodeName, phase: PhaseName, change: PhaseChange): Promise<void>;
}
