import type { NodeSummary } from '@turingpi/core';

/** What is known at the end of a run besides how it went. */
export interface RunEnd {
  /** Where a node is reached. */
  readonly addressOf?: (node: NodeSummary) => string | undefined;
  /** In which state a node was left that was stopped, by what is on record now. */
  readonly leftAs?: (node: NodeSummary) => string | undefined;
  /** What to do next, a line each. */
  readonly next?: readonly string[];
}
