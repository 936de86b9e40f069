/** What one code tells. */
export interface Explanation {
  /** What has happened. */
  readonly means: string;
  /** What to do about it. */
  readonly cure: string;
}

/** Codes that belong together, as docs/errors.md has them in one table. */
export interface ExplainedFamily {
  /** As in `codes of …`. */
  readonly title: string;
  /** By code. */
  readonly codes: Readonly<Record<string, Explanation>>;
}
