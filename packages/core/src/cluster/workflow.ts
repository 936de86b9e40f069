import type { NodeId } from '@turingpi/foundation';
import type { Node } from '../node/node.js';
import type { ClusterPlan } from '../plan/cluster-plan.js';
import type { RunOrigin } from '../run/run-origin.js';
import type { RepeatApproval } from '../phase/action-facts.js';
import type { PhaseLimits } from '../phase/phase-range.js';
import type { Context } from './context.js';
import type { NodeHooks } from './node-hooks.js';
import type { RetryOptions } from './retry.js';

/** The user's function for one node. What it returns is handed to who runs it. */
export type Workflow<T = void> = (context: Context, node: Node) => Promise<T>;

export interface RunOptions extends RunOrigin, PhaseLimits {
  /** Stops at the next safe point when it fires. */
  readonly signal?: AbortSignal;
  /** Nodes to be installed anew, whatever is on record. Each erasure still needs its approval. */
  readonly reinstall?: readonly NodeId[];
  /** Do not ask finished nodes whether what is on record still holds. */
  readonly offline?: boolean;
  /** What was approved, by {@link TuringPi.plan}: a phase that it does not have, or has with other inputs, does not run. */
  readonly plan?: ClusterPlan;
  /** A node that another run has is waited for, rather than to fail. */
  readonly wait?: boolean;
  /** What is done around the installation of each node, each once. */
  readonly hooks?: NodeHooks;
  /**
   * Whether the other nodes go on when one has failed. Default: those that are installed for the first time do, and of
   * those that are finished none is reinstalled any more.
   */
  readonly onFailure?: 'keep going' | 'stop';
  /**
   * Whether actions are done again that were done on this installation already and may do harm the second time, as commands
   * that nothing is known of. Default: only where the {@link plan} is one that was approved.
   */
  readonly rerun?: RepeatApproval;
  /** `runAll`: runs a node again that failed for a reason that may pass, while the others go on. Default: never. */
  readonly retry?: RetryOptions;
}

/** How one node is run. */
export type NodeRunOptions = RunOptions & { readonly signal: AbortSignal };

/** Runs a workflow for one node; returns what it returns, throws what it throws. */
export type Provision<T = void> = (nodeId: NodeId, options?: RunOptions) => Promise<T>;
