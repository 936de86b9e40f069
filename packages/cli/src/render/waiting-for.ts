import type { TuringPiEvent } from '@turingpi/core';
import { wordOf } from '../process/phase-words.js';
import { slotOf } from './place-of.js';

/** Activities during which the board writes what it is sent: it must come to an end itself, or be told to stop. */
const TRANSFERS: ReadonlySet<string> = new Set(['write', 'verify', 'copy', 'start storage', 'download']);

interface Doing {
  readonly place: string;
  readonly what: string | undefined;
}

/** Knows what each node of a run is doing, to say what a stop waits for. */
export class WaitingFor {
  readonly #nodes = new Map<string, Doing>();

  /** Takes everything that happens. */
  event(event: TuringPiEvent): void {
    const place = slotOf(event);
    switch (event.type) {
      case 'node:completed':
      case 'node:failed':
      case 'node:blocked':
      case 'node:aborted':
        this.#nodes.delete(place);
        return;
      case 'phase:started':
        this.#nodes.set(place, { place, what: `${wordOf(event.phase)} to put down what it has begun` });
        return;
      case 'phase:completed':
      case 'phase:skipped':
        this.#nodes.set(place, { place, what: undefined });
        return;
      case 'phase:progress':
        if (event.progress.warning !== true)
          this.#nodes.set(place, { place, what: ofActivity(event.phase, event.progress.activity) });
        return;
      case 'action:started':
        this.#nodes.set(place, { place, what: `the action ${event.action} to end` });
        return;
      default:
    }
  }

  /** One line for each node that has not ended: what a stop waits for there. */
  get lines(): readonly string[] {
    return [...this.#nodes.values()]
      .filter(({ what }) => what !== undefined)
      .sort((one, other) => one.place.localeCompare(other.place))
      .map(({ place, what }) => `${place}: waiting for ${what}`);
  }
}

function ofActivity(phase: string, activity: string): string | undefined {
  if (activity === 'wait') return undefined; // for somebody else: that ends at once
  if (phase === 'os_installation' && TRANSFERS.has(activity)) return 'the board to end the transfer';
  if (phase === 'image_customization') return 'the image to be put down';
  return `"${activity}" to end`;
}
