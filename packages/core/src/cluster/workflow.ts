import type { NodeId } from '@turingpi/foundation';
import type { Node } from '../node/node.js';
import type { PhaseLimits } from '../phase/phase-range.js';
import type { Context } from './context.js';
import type { NodeHooks } from './node-hooks.js';
import type { RetryOptions } from './retry.js';

/** The user's function for one node. What it returns is handed to who runs it. */
export type Workflow<T = void> = (context: Context, node: Node) => Promise<T>;

export interface RunOptions extends PhaseLimits {
  /** Stops at the next safe point when it fires. */
  readonly signal?: AbortSignal;
  /** Nodes to be installed anew, whatever is on record. Each erasure still needs its approval. */
  readonly reinstall?: readonly NodeId[];
  /** Do not ask finished nodes whether what is on record still holds. */
  readonly offline?: boolean;
  /** What is done around the installation of each node, each once. */
  readonly hooks?: NodeHooks;
  /**
   * Whether the other nodes go on when one has failed. Default: those that are installed for the first time do, and of
   * those that are finished none is reinstalled any more.
   */
  readonly onFailure?: 'keep going' | 'stop';
  /** `runAll`: runs a node again that failed for a reason that may pass, while the others go on. Default: never. */
  readonly retry?: RetryOptions;
}

/** How one node is run. */
export type NodeRunOptions = RunOptions & { readonly signal: AbortSignal };

/** Runs a workflow for one node; returns what it returns, throws what it throws. */
export type Provision<T = void> = (nodeId: NodeId, options?: RunOptions) => Promise<T>;
