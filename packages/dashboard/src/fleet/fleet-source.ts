import type { FleetView } from './fleet-view.js';

/** Where the pictures of a fleet come from, and how one of its rollouts is asked to end. */
export interface FleetSource {
  /**
   * A picture now, and further ones when there may be something new.
   *
   * @param signal - ends the waiting for more
   */
  views(signal: AbortSignal): AsyncIterable<FleetView>;
  /** Asks a rollout to end; missing where none can be asked. */
  cancel?(rollout: string): Promise<void>;
}
