/** One thing that an implementation must do; made for any test runner: `it(name, run)`. */
export interface ConformanceCase {
  readonly name: string;
  /** Rejects, with an AssertionError or what the implementation threw, when the implementation does not do it. */
  readonly run: () => Promise<void>;
}
