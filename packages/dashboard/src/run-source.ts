import type { RunEvent } from '@turingpi/core/plugin';

/** Where the events of one run come from, and how it is asked to end. */
export interface RunSource {
  /**
   * The run's events from the first on, in order; of a run that goes on those that are to come, too.
   *
   * @param signal - ends the waiting for more
   */
  events(signal: AbortSignal): AsyncIterable<RunEvent>;
  /** Asks the run to end at the next safe point; missing where it cannot be asked. */
  cancel?(): Promise<void>;
}
