import type { FleetEvent, FleetHappening } from '../orchestrator/fleet-event.js';
import type { BoardState, RolloutOutcome, RolloutStatus } from '../orchestrator/fleet-status.js';
import type { Rollout } from '../orchestrator/rollout.js';
import { statusOfRollout } from '../rollout/status-of-rollout.js';
import type { Bell } from './bell.js';

/** What happened in one rollout. */
export class RolloutHistory {
  readonly #events: FleetEvent[] = [];
  readonly #boards = new Map<string, BoardState>();
  #outcome: RolloutOutcome | undefined;

  constructor(
    readonly rollout: Rollout,
    private readonly bell: Bell,
    private readonly now: () => Date,
  ) {}

  /** Undefined while it goes on. */
  get outcome(): RolloutOutcome | undefined {
    return this.#outcome;
  }

  /** Where its boards are; those that are missing wait. */
  get boards(): ReadonlyMap<string, BoardState> {
    return this.#boards;
  }

  status(): RolloutStatus {
    return statusOfRollout(this.rollout, this.#events);
  }

  tell(happening: FleetHappening): void {
    const number = this.#events.length + 1;
    this.#events.push({ ...happening, number, rollout: this.rollout.id, at: this.now().toISOString() });
    if (happening.type === 'board:started') this.#boards.set(happening.board, 'running');
    if (happening.type === 'board:ended') this.#boards.set(happening.board, happening.state);
    if (happening.type === 'rollout:ended') this.#outcome = happening.outcome;
    this.bell.ring();
  }

  /** @throws The signal's reason. */
  async *events(after: number, signal: AbortSignal): AsyncIterable<FleetEvent> {
    let known = after;
    for (;;) {
      signal.throwIfAborted();
      const next = this.#events[known];
      if (next !== undefined) {
        known += 1;
        yield next;
      } else if (this.#outcome !== undefined) return;
      else await this.bell.rung({ signal });
    }
  }

  /** @throws The signal's reason. */
  async ended(signal: AbortSignal): Promise<RolloutStatus> {
    while (this.#outcome === undefined) {
      signal.throwIfAborted();
      await this.bell.rung({ signal });
    }
    return this.status();
  }
}
