/** What a test of crashes has found. */
export interface CrashVerdict {
  /** Processes that were killed. */
  readonly killed: number;
  readonly wrong: readonly string[];
  /** In a few words, for people. */
  readonly told: string;
}

declare module 'vitest' {
  interface TaskMeta {
    crash?: CrashVerdict;
  }
}
