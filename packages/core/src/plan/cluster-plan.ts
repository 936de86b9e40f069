import type { DiskEvidence, InputChange, NodeId } from '@turingpi/foundation';
import type { PhaseStartReason } from '../event/event.js';
import { hashInputs } from '../phase/canonical-json.js';
import type { PhaseLimits } from '../phase/phase-range.js';
import type { JsonValue, PhaseName } from '../phase/phase.js';

/** Version of a plan's layout. */
export const PLAN_VERSION = 1;

/**
 * What becomes of a phase:
 * - `run`, `skip`;
 * - `blocked`: it, or one before it, needs an approval or would fail; `error` says which;
 * - `unknown`: only a run can tell.
 */
export type PlanDecision = 'run' | 'skip' | 'blocked' | 'unknown';

/** A disk that an installation erases. */
export interface PlannedErasure {
  readonly disk: string;
  readonly evidence: DiskEvidence;
  /** What is lost, for people. */
  readonly loss: string;
  /** Id of the installation that is lost, where one stands: the plan is about this one, and not about the next. */
  readonly installation?: string;
}

/** What becomes of the actions of the last phase. */
export interface PlannedActions {
  /** How many are on record and stay done. */
  readonly kept: number;
  /** Place of the first that is done, counted from 0; undefined where none is. */
  readonly from?: number;
  /** Those that are done, in order, for people; undefined where that is known only as they run. */
  readonly run?: readonly string[];
  /** Those of them, or of the record where they are not known, that were done before on this very installation. */
  readonly again: readonly string[];
  /** Those of them that are not repeated unasked, as far as they are known; missing where there is none. */
  readonly asks?: readonly string[];
  /** SHA-256 over all that are done, hex, where they are known. */
  readonly digest?: string;
}

/** Why something will not run. */
export interface PlannedError {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

/** What becomes of one phase of one node. */
export interface PlannedPhase {
  readonly phase: PhaseName;
  readonly decision: PlanDecision;
  /** Why it runs. */
  readonly reason?: PhaseStartReason;
  /** What is to be said of a phase that is skipped, besides that nothing changed. */
  readonly note?: string;
  /** The named inputs that differ from what is on record. */
  readonly changes: readonly InputChange[];
  /** How what changed comes to be true: where the actions are repeated `in place`, else with a new image or installation. */
  readonly takesEffect?: 'in place' | 'with the installation' | 'by a reinstallation';
  /** SHA-256 over the inputs, hex; several where an image is made again for its installation, none while they are not known. */
  readonly inputHashes: readonly string[];
  /** What only a run can tell. */
  readonly unknown: readonly string[];
  readonly erases?: PlannedErasure;
  /** The node is switched off and on. */
  readonly power: boolean;
  readonly actions?: PlannedActions;
  readonly error?: PlannedError;
  /** How long it took when it ran last, in milliseconds. */
  readonly estimateMs?: number;
}

export interface PlannedNode {
  readonly nodeId: NodeId;
  readonly hostname: string;
  /** In their order; those that the workflow does not come to are `unknown`, or `blocked` by the one before. */
  readonly phases: readonly PlannedPhase[];
  /** Hooks of the run that are done for it: what an earlier installation is owed still is among them. */
  readonly hooks: readonly string[];
}

/** What a run would do now. Serialisable, free of secrets. */
export interface ClusterPlan {
  readonly version: typeof PLAN_VERSION;
  /** ISO 8601. */
  readonly at: string;
  /** The board that it was made for, where it told who it is. */
  readonly board?: string;
  /** Nodes that are to be installed anew, whatever is on record. */
  readonly reinstall: readonly NodeId[];
  /** The phases that it goes through; missing: all. */
  readonly limits?: PhaseLimits;
  readonly nodes: readonly PlannedNode[];
  /** Whether a run has anything to do, or to ask. */
  readonly changes: boolean;
  /** SHA-256 over all that decides what the run does, hex: equal for two plans that do the same. */
  readonly digest: string;
}

/** Makes a plan of what was found of its nodes. */
export function clusterPlan(
  plan: Pick<ClusterPlan, 'at' | 'board' | 'reinstall' | 'limits' | 'nodes'>,
): ClusterPlan {
  return {
    version: PLAN_VERSION,
    ...plan,
    changes: plan.nodes.some(
      ({ phases, hooks }) => hooks.length > 0 || phases.some(({ decision }) => decision !== 'skip'),
    ),
    digest: digestOfPlan(plan),
  };
}

/** The digest of what a plan would do, whatever it says beside: when it was made, how long it takes, in which words. */
export function digestOfPlan({
  board,
  reinstall,
  nodes,
}: Pick<ClusterPlan, 'board' | 'reinstall' | 'nodes'>): string {
  return hashInputs({
    ...(board === undefined ? {} : { board }),
    reinstall: [...reinstall].sort(),
    nodes: nodes.map(({ nodeId, phases, hooks }) => ({ nodeId, phases: phases.map(whatItDoes), hooks })),
  });
}

function whatItErases({ disk, evidence, installation }: PlannedErasure): JsonValue {
  return { disk, evidence, ...(installation === undefined ? {} : { installation }) };
}

function whatItDoes(planned: PlannedPhase): JsonValue {
  const { phase, decision, inputHashes, erases, power, actions, error } = planned;
  return {
    ...{ phase, decision, power, inputHashes },
    ...(erases === undefined ? {} : { erases: whatItErases(erases) }),
    ...(actions === undefined ? {} : { actions: { kept: actions.kept, digest: actions.digest ?? null } }),
    ...(error === undefined ? {} : { error: error.code }),
  };
}
