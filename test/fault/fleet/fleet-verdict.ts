/** What a test of fleets has found. */
export interface FleetVerdict {
  /** Nodes that were brought to their end. */
  readonly runs: number;
  readonly accidents: number;
  readonly wrong: readonly string[];
}

declare module 'vitest' {
  interface TaskMeta {
    fleet?: FleetVerdict;
  }
}
