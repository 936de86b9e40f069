import type { NodeName } from '../node/node-id.js';
import type { PhaseName } from '../phase/phase.js';
import type { PhaseRecord, StateDocument } from './state-document.js';

/** Where the state of all nodes is kept. */
export interface StateStore {
  /** Where it is, for messages. */
  readonly location: string;
  /** @throws StateError when it is there but not readable, after setting it aside. */
  read(): Promise<StateDocument>;
  /** Replaces one phase's record, under a lock that other processes respect. */
  writePhase(node: NodeName, phase: PhaseName, record: PhaseRecord): Promise<void>;
}
