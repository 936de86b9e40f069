/** One thing that an orchestrator must do; made for any test runner: `it(name, run)`. */
export interface OrchestratorCase {
  readonly name: string;
  /** Rejects, with an AssertionError or what the orchestrator threw, when it does not do it. */
  readonly run: () => Promise<void>;
}
