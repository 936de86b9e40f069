import type { StepName } from '@turingpi/fleet/orchestrator';

/** When Temporal takes an agent for dead, or a step for stuck. Milliseconds. */
export interface StepTimings {
  /** Without a sign of life for that long, a step is given to another agent; its lease decides when that one may go on. */
  readonly lostAfterMs: number;
  /** A step is given up after that long. */
  readonly atMostMs: Readonly<Record<StepName, number>>;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** There is no limit for how long a step waits for an agent: a site may be away for days. */
export const USUAL_TIMINGS: StepTimings = {
  lostAfterMs: 75_000,
  atMostMs: { customise: 30 * MINUTE_MS, install: 3 * HOUR_MS, postInstall: 2 * HOUR_MS },
};
