import type { NodeErasure } from '../erasure/node-erasure.js';
import type { Node } from '../node/node.js';
import type { NodeState, PhaseRecord } from '../state/state-document.js';
import { decideImage } from './decide-image.js';
import { decideInstallation } from './decide-installation.js';
import type { InputDigests } from './input-digests.js';
import type { PhaseDecision } from './phase-decision.js';
import type { PhaseEnvironment, PhaseStep } from './phase-step.js';
import type { PhaseName } from './phase.js';
import { reasonToRun } from './reason-to-run.js';

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

/**
 * Whether a phase runs or its record is taken: the same for a run and for a plan.
 *
 * @throws As {@link decideImage} and {@link decideInstallation}.
 */
export async function decidePhase<P extends PhaseName>(
  question: PhaseQuestion<P>,
): Promise<PhaseDecision<P>> {
  const { step, records, hash, imagePlan, ...rest } = question;
  const common = {
    ...rest,
    hash,
    reasonToRun: (record: PhaseRecord | undefined) => reasonToRun(record, hash),
  };
  if (isOf(step, 'image_customization'))
    return (await decideImage({ ...common, step, records })) as PhaseDecision<P>;
  if (isOf(step, 'os_installation'))
    return (await decideInstallation({
      ...common,
      ...{ step, record: records.os_installation, plan: imagePlan ?? hash },
    })) as PhaseDecision<P>;
  throw new TypeError(`${step.id} is run by runJournaled`);
}

function isOf<P extends PhaseName>(step: PhaseStep<PhaseName>, phase: P): step is PhaseStep<P> {
  return step.id === phase;
}
