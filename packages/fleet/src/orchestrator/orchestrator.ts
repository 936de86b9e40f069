import type { NodePlan, PlanTask } from './board-steps.js';
import type { FleetEvent } from './fleet-event.js';
import type { FleetStatus, RolloutStatus } from './fleet-status.js';
import type { Rollout } from './rollout.js';

/** Addresses of a page of an engine's own. */
export interface EngineLinks {
  /** Where it begins. */
  readonly page: string;
  rollout(id: string): string;
  board(name: string): string;
}

/**
 * Carries intent, order, retries and cancel to the agents of a fleet. It holds no secret and no image, is not the truth
 * about a node (the records are), and never decides exclusivity (leases do).
 *
 * @remarks
 * - Boards begin in the order of the rollout, `atOnce` of them at a time, in a window, until too many failed. A board that
 *   has begun comes to its end whatever happens to others.
 * - A board belongs to one rollout at a time: a second one waits for it.
 * - The steps of a node run in their order, and none after one that failed for good; other nodes of the board go on.
 *   A board installs one node at a time.
 * - A cancel fires the signals of the steps that run, waits for them, and begins nothing more. Steps that end well although
 *   they were told to stop count as done.
 * - A site that is drained finishes the steps that run and begins none, until it is resumed.
 *
 * Disposed, it closes its connection; what runs elsewhere goes on.
 */
export interface Orchestrator extends AsyncDisposable {
  /** Where a page of its engine shows what it carries; missing where there is none, or nobody said where it is. */
  readonly links?: EngineLinks | undefined;
  /**
   * Begins a rollout, and returns when it cannot be lost any more.
   *
   * @throws FleetError `ROLLOUT_EXISTS` when one of this id has another content; `ROLLOUT_INVALID`.
   */
  start(rollout: Rollout): Promise<void>;
  status(): Promise<FleetStatus>;
  /**
   * Waits for the end of a rollout.
   *
   * @throws FleetError `ROLLOUT_UNKNOWN`; the signal's reason.
   */
  ended(rollout: string, signal: AbortSignal): Promise<RolloutStatus>;
  /**
   * Tells a rollout to end; {@link ended} tells when it has. One that ended stays as it is.
   *
   * @throws FleetError `ROLLOUT_UNKNOWN`
   */
  cancel(rollout: string): Promise<void>;
  /** Has a site finish what runs, and take nothing new, be there an agent or not. */
  drain(site: string): Promise<void>;
  /** Ends what {@link drain} began. */
  resume(site: string): Promise<void>;
  /**
   * What happened and happens in a rollout, in order, each once; ends with the rollout.
   *
   * @param after - number of the last event that is known already; 0: from the beginning
   * @throws FleetError `ROLLOUT_UNKNOWN`; the signal's reason.
   */
  events(
    rollout: string,
    options: { readonly after: number; readonly signal: AbortSignal },
  ): AsyncIterable<FleetEvent>;
  /**
   * Asks an agent of a site what would become of nodes of a board.
   *
   * @throws FleetError `AGENT_MISSING` when none of the site answers; `STEP_FAILED` with what the agent says.
   */
  plan(site: string, task: PlanTask, signal: AbortSignal): Promise<readonly NodePlan[]>;
}
