/** How far a differential run goes. */
export interface FuzzOptions {
  /** Random sequences for each variant. */
  readonly sequences: number;
  /** Longest sequence. */
  readonly length?: number;
  /** Start of the random numbers; the same one repeats a run. */
  readonly seed?: number;
  /** Only these variants, by name; all by default. */
  readonly variants?: readonly string[];
  /** Gives up the search for a shorter failing sequence. */
  readonly stopAtFirstFailure?: boolean;
  readonly report?: (line: string) => void;
}
