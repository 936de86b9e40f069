/** What a test of fleets has found. */
export interface FleetVerdict {
  /** Nodes that were brought to their end. */
  readonly runs: number;
  /** What befell somebody meanwhile, in words. */
  readonly accidents: readonly string[];
  readonly wrong: readonly string[];
}

declare module 'vitest' {
  interface TaskMeta {
    fleet?: FleetVerdict;
  }
}
