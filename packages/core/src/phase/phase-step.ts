import type { InputChange } from '@turingpi/foundation';
import type { Answerer } from '../erasure/disk-evidence.js';

import type { PhaseEnvironment, StepResource } from './phase-environment.js';
import type { ActionFacts } from './action-facts.js';
import type { InPlaceAnswer, InPlaceQuestion } from './in-place.js';
import type { JsonValue, PhaseName, PhaseOutputs } from './phase.js';
import type { Standing } from './standing.js';

export type { HeldResource, PhaseEnvironment, StepResource } from './phase-environment.js';
export type { Standing } from './standing.js';

/** One phase of one node, as a builder hands it to core: what goes in and comes out is JSON. */
export interface PhaseStep<P extends PhaseName> {
  readonly id: P;
  /** Default: none. */
  readonly resources?: readonly StepResource[];
  /**
   * Everything that decides the result, without secrets in clear. Hashed as canonical JSON.
   * A function is called once, under the phase's events, when computing it takes time.
   */
  readonly inputs: JsonValue | ((environment: PhaseEnvironment) => Promise<JsonValue>);
  /**
   * Whether a recorded output still stands: the file exists and has its digest, the node answers with its key.
   * The image of a finished installation is not asked for: it is needed by who still has to install it.
   */
  stands(output: PhaseOutputs[P], environment: PhaseEnvironment): Promise<Standing>;
  /** Does it. @returns What later phases get, and what is recorded. */
  run(environment: PhaseEnvironment): Promise<PhaseOutputs[P]>;
  /**
   * What it would hand on, as far as that is known without doing it, for a plan: what only a run can tell is empty or made
   * up. Without it a plan ends here. It must change nothing.
   */
  foresee?(environment: PhaseEnvironment): Promise<PhaseOutputs[P]>;
  /**
   * Says more about what differs from what is on record, where the step knows: which of the files rather than that files
   * differ. It must change nothing.
   *
   * @param before - what was handed on then
   */
  explain?(changes: readonly InputChange[], before: PhaseOutputs[P]): Promise<readonly InputChange[]>;
  /**
   * What becomes of differences from a finished installation on the node as it runs. It must change nothing. Without it,
   * each needs a reinstallation.
   */
  inPlace?(question: InPlaceQuestion, environment: PhaseEnvironment): Promise<InPlaceAnswer<P>>;
  /**
   * What a recorded output that is kept becomes: for facts that decide nothing and may have changed, as where a secret
   * is. The record learns it; nothing is done for it.
   */
  refresh?(output: PhaseOutputs[P]): PhaseOutputs[P];
  /** Run even when a completed record matches. */
  readonly rerun?: boolean;
  /**
   * The installation can go on from what an earlier run has written: it waits until the node proves by its key that it runs
   * just that. Default: no.
   */
  readonly goesOn?: boolean;
  /** Version of what the plugin makes of equal inputs: another one makes what is recorded outdated, not different. */
  readonly recipe?: number;
  /** The disk that the installation erases, or the one that an image is meant for. Default `emmc`. */
  readonly disk?: string;
  /** What of it only a run can tell, for a plan. */
  unforeseen?(): Promise<readonly string[]>;
  /**
   * Who answers at the node's address now; `ours` is the system that this very image would be. Default: whether anything
   * answers where SSH would be.
   */
  whoAnswers?(environment: PhaseEnvironment): Promise<Answerer>;
}

/** The record of actions in a journaled phase. */
export interface Journal {
  /**
   * Does one action, or returns its recorded result when this action was done before at this place.
   *
   * @param action - its kind, for people and the record, for example `remote.runCommand`
   * @param inputs - what decides its effect; secrets only as digests
   * @param execute - does it; its result is recorded, so it must be free of secrets
   * @param facts - what is known of it besides
   * @throws PhaseError `ACTION_WOULD_REPEAT` for one that is not to be repeated unasked.
   */
  perform<T extends JsonValue>(
    action: string,
    inputs: JsonValue,
    execute: () => Promise<T>,
    facts?: ActionFacts,
  ): Promise<T>;
}

/** The post-install phase: its inputs are known only as its callback runs. */
export interface JournaledPhaseStep {
  readonly id: 'post_installation';
  /** Default: none. */
  readonly resources?: readonly StepResource[];
  /** What makes the whole journal void when it changes: the installation id, above all. */
  readonly inputs: JsonValue;
  readonly installationId: string;
  /** Its actions do not depend on each other's results, so that a plan can list all of them. Default: no. */
  readonly foreseeable?: boolean;
  run(environment: PhaseEnvironment, journal: Journal): Promise<void>;
}
