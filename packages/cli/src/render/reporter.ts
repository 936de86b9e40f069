import type { ClusterSummary, TuringPiEvent } from '@turingpi/core';
import type { RunEnd } from './run-end.js';

/** Shows a run while it happens, and its outcome. */
export interface Reporter extends Disposable {
  event(event: TuringPiEvent): void;
  /** A remark between events. */
  note(text: string): void;
  /** Keeps the place clear while somebody is asked. */
  aside<T>(ask: () => Promise<T>): Promise<T>;
  summary(summary: ClusterSummary, end?: RunEnd): void;
}
