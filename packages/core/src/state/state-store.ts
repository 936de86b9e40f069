import type { NodeName } from '../node/node-id.js';
import type { PhaseName } from '../phase/phase.js';
import type { PhaseRecord, StateDocument } from './state-document.js';

/**
 * The next record of a phase, or how it comes from the one on file, decided while nobody else can write; undefined
 * leaves the one on file.
 */
export type PhaseChange =
  PhaseRecord | ((current: PhaseRecord | undefined) => Promise<PhaseRecord | undefined>);

/** Where the state of all nodes is kept. */
export interface StateStore {
  /** Where it is, for messages. */
  readonly location: string;
  /** @throws StateError when it is there but not readable, after setting it aside. */
  read(): Promise<StateDocument>;
  /**
   * Replaces one phase's record, under a lock that other processes respect. What a change throws passes through, and
   * nothing is written.
   */
  writePhase(node: NodeName, phase: PhaseName, change: PhaseChange): Promise<void>;
}
