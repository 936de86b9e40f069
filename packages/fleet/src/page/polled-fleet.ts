import { setTimeout as wait } from 'node:timers/promises';
import type { FleetSource, FleetView } from '@turingpi/dashboard';
import { TuringPiError } from '@turingpi/foundation';
import type { Orchestrator } from '../orchestrator/orchestrator.js';
import { fleetViewOf, type ViewedFleet } from './fleet-view-of.js';

const LOOK_EVERY_MS = 1000;
/** Looking takes at most so large a part of the time of who is asked. */
const SHARE = 5;

/** The pictures of a fleet, by asking what carries it again and again. */
export class PolledFleet implements FleetSource {
  readonly #last = new AbortController();

  constructor(
    private readonly fleet: ViewedFleet,
    private readonly orchestrator: Pick<Orchestrator, 'status' | 'cancel' | 'links'>,
  ) {}

  async *views(signal: AbortSignal): AsyncGenerator<FleetView> {
    let view: FleetView = { fleet: this.fleet.name, rollouts: [], sites: [] };
    while (!signal.aborted) {
      const isLast = this.#last.signal.aborted;
      const since = performance.now();
      try {
        const status = await this.orchestrator.status();
        view = fleetViewOf(this.fleet, status, { now: new Date(), links: this.orchestrator.links });
      } catch (error) {
        view = { ...view, problem: inWords(error) };
      }
      yield view;
      if (isLast) return;
      const pauseMs = Math.max(LOOK_EVERY_MS, SHARE * (performance.now() - since));
      await wait(pauseMs, undefined, { signal: AbortSignal.any([signal, this.#last.signal]) }).catch(
        () => undefined,
      );
    }
  }

  cancel(rollout: string): Promise<void> {
    return this.orchestrator.cancel(rollout);
  }

  /** There is one more picture, and no other after it. */
  end(): void {
    this.#last.abort();
  }
}

function inWords(error: unknown): string {
  const what = TuringPiError.is(error) ? `${error.message} (${error.code})` : String(error);
  return `This is not as of now: ${what}. It is asked again.`;
}
