import type { TuringPiError } from '@turingpi/foundation';

/** Something that would end a run, or surprise in it, found before any work. */
export interface PreflightFinding {
  /** A warning does not keep a run from beginning. */
  readonly severity: 'error' | 'warning';
  /** What it is about, as the configuration calls it: `node1`, `workflow.baseImages`, `bmc`. */
  readonly about: string;
  readonly error: TuringPiError;
}
