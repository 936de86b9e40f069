import type { NodeErasure } from '../erasure/node-erasure.js';
import type { Node } from '../node/node.js';
import type { NodeState } from '../state/state-document.js';
import type { InputDigests } from './input-digests.js';
import type { PhaseEnvironment, PhaseStep } from './phase-step.js';
import type { PhaseName } from './phase.js';

/** What is known of a phase when it is decided what becomes of it. */
export interface PhaseQuestion<P extends PhaseName> {
  readonly step: PhaseStep<P>;
  readonly node: Node;
  readonly hash: string;
  readonly inputs: InputDigests;
  readonly records: NodeState;
  readonly environment: PhaseEnvironment;
  readonly erasure: NodeErasure;
  /** The user asked for a new installation, whatever changed. */
  readonly reinstall: boolean;
  /** The nodes are not asked. */
  readonly offline: boolean;
  /** The run ends with the image: nothing is erased for it. */
  readonly imageOnly?: boolean;
  readonly now: Date;
  /** What the image of this run is meant to be; undefined where it has none. */
  readonly imagePlan: string | undefined;
}
