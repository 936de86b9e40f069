import type { NodeId } from '@turingpi/foundation';
import type { SignedApproval } from './signed-approval.js';

/** The steps of a node, in their order. */
export const STEPS = ['customise', 'install', 'postInstall'] as const;

export type StepName = (typeof STEPS)[number];

/** One step of one node: ids and digests, which any engine may keep and show. No secret, no path, no image. */
export interface StepTask {
  /** Id of the rollout. */
  readonly rollout: string;
  readonly board: string;
  readonly node: NodeId;
  /** Digest of what the node is to become, as it was planned, 64 digits hex: another one by now is refused. */
  readonly plan: string;
  /** Installed anew, whatever is on record. */
  readonly reinstall: boolean;
  /** Needed by what erases a disk; agents check it themselves. */
  readonly approval?: SignedApproval;
  /** As `trace` of the rollout. */
  readonly trace?: string;
}

/** What came of a step. */
export interface StepResult {
  /** `skipped`: it had been done, and still stands. */
  readonly outcome: 'done' | 'skipped';
  /** By name, for example `image`: SHA-256, hex. */
  readonly digests: Readonly<Record<string, string>>;
  /** By name, for example `installation`. */
  readonly ids: Readonly<Record<string, string>>;
}

/** How far a step is. */
export interface StepProgress {
  /** In a few words, for example `flashing`. */
  readonly doing: string;
  /** From 0 to 1, where it is known. */
  readonly part?: number;
}

/** What is to be planned: the nodes of one board. */
export interface PlanTask {
  readonly board: string;
  /** Missing: all that are configured. */
  readonly nodes?: readonly NodeId[];
  /** As if these were to be installed anew. */
  readonly reinstall: boolean;
}

/** What would become of one node. */
export interface NodePlan {
  readonly node: NodeId;
  readonly hostname: string;
  /** As {@link StepTask.plan}. */
  readonly plan: string;
  /** Whether anything is to be done. */
  readonly changes: boolean;
  /** In words, one line each. */
  readonly steps: readonly string[];
  /** The disk that is lost; missing where none is. */
  readonly erases?: PlannedDisk;
  /** Why it cannot be done. */
  readonly blocked?: StepFailure;
}

/** A disk that an installation erases, and what is known of it. */
export interface PlannedDisk {
  /** The board's identity; missing where it does not tell it. */
  readonly identity?: string;
  readonly disk: string;
  /** As in `DiskEvidence` of `@turingpi/foundation`. */
  readonly evidence: 'new' | 'interrupted' | 'unknown' | 'installed';
  /** Id of the installation that is lost, where one stands. */
  readonly installation?: string;
  /** What is lost, for people. */
  readonly loss: string;
}

/** Why a step failed: what an error of ours says, as data. */
export interface StepFailure {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  /** Whether the same step may succeed when it is tried again, with nobody doing anything. */
  readonly retryable: boolean;
}

/** What a step runs with. */
export interface StepContext {
  /** Fires when the step is to be given up: by a cancel, never because the engine is away. */
  readonly signal: AbortSignal;
  /** Tells that it is alive; to be called every few seconds, and at will. */
  readonly heartbeat: (progress: StepProgress) => void;
}

/**
 * What an agent can do with the boards of its site, and an orchestrator has done.
 *
 * @remarks Each step is idempotent: done again after a crash, by this agent or another one of the site, it goes on where
 * it was or finds that it is done. Exclusivity is not the caller's matter: the leases of the state decide it. What a step
 * throws is made data by `stepFailureOf`; when its signal has fired it throws the signal's reason, after it has left the
 * board truthful.
 */
export interface BoardSteps {
  /** Looks only. */
  plan(task: PlanTask, context: StepContext): Promise<readonly NodePlan[]>;
  /** Makes the image. */
  customise(task: StepTask, context: StepContext): Promise<StepResult>;
  /** Erases the disk with what was approved, and waits until the node answers. Called for one node of a board at a time. */
  install(task: StepTask, context: StepContext): Promise<StepResult>;
  /** Finishes the node. */
  postInstall(task: StepTask, context: StepContext): Promise<StepResult>;
}
