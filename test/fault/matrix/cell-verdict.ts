import type { NodeId } from '@turingpi/foundation';

/** What came of a cell. */
export interface CellVerdict {
  /** `flashed`, `aborted`, or the code of the error. */
  readonly outcome: string;
  readonly durationMs: number;
  /** Whether the fault found its moment: a flash that ended before has none. */
  readonly happened: boolean;
  /** Modules that were written instead of the target, and that nobody named. */
  readonly wrongModules: readonly NodeId[];
  /** The same, where the error names the module: another program put it there after our last look. */
  readonly namedModules: readonly NodeId[];
  /** What is not as promised; empty when all is well. */
  readonly wrong: readonly string[];
}
