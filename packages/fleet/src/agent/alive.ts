import type { TuringPiEvent } from '@turingpi/core';
import type { StepProgress } from '../orchestrator/board-steps.js';

/** How often an agent shows that it is alive. */
const EVERY_MS = 5000;

/** Tells an orchestrator how far a step is, also while nothing happens. */
export class Alive {
  #progress: StepProgress = { doing: 'beginning' };
  readonly #timer: NodeJS.Timeout;

  constructor(private readonly heartbeat: (progress: StepProgress) => void) {
    this.#timer = setInterval(() => heartbeat(this.#progress), EVERY_MS);
  }

  event(event: TuringPiEvent): void {
    if (event.type === 'phase:started') this.tell({ doing: event.phase });
    if (event.type === 'phase:progress') this.tell(progressOf(event));
    if (event.type === 'action:started') this.tell({ doing: `${event.phase} ${event.index + 1}` });
  }

  /** What it does from now on. */
  tell(progress: StepProgress): void {
    this.#progress = progress;
    this.heartbeat(progress);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

/** What it does in one word, and how far it is: remarks are for the log of the agent. */
function progressOf({ progress }: Extract<TuringPiEvent, { type: 'phase:progress' }>): StepProgress {
  const { activity: doing, done, total } = progress;
  return { doing, ...(done === undefined || !total ? {} : { part: Math.min(1, done / total) }) };
}
