import type { TuringPiEvent } from '../event/event.js';

/** The least time between two events of one activity, in milliseconds. */
const INTERVAL_MS = 1000;

type ProgressEvent = Extract<TuringPiEvent, { readonly type: 'phase:progress' }>;

interface Activity {
  /** When one was let through last, by our own monotonic clock. */
  passedAtMs: number;
  /** What came since; only the last is of interest. */
  held: ProgressEvent | undefined;
  timer: NodeJS.Timeout | undefined;
}

/**
 * Lets progress through about once a second for each node and activity. The last one always gets through: when its second
 * is over, or before something else is told of the node.
 */
export class ProgressThrottle {
  readonly #activities = new Map<string, Activity>();

  constructor(private readonly pass: (event: TuringPiEvent) => void) {}

  /** Takes an event of any kind. */
  take(event: TuringPiEvent): void {
    if (event.type !== 'phase:progress' || event.progress.warning === true) {
      this.#release(event);
      this.pass(event);
      return;
    }
    const key = keyOf(event);
    const known = this.#activities.get(key);
    if (known === undefined) {
      this.#release(event); // another activity begins
      this.#activities.set(key, { passedAtMs: performance.now(), held: undefined, timer: undefined });
      this.pass(event);
      return;
    }
    known.held = event;
    const waitMs = known.passedAtMs + INTERVAL_MS - performance.now();
    if (waitMs <= 0) this.#passHeld(known);
    else known.timer ??= setTimeout(() => this.#passHeld(known), waitMs).unref();
  }

  /** Lets everything through that is held. */
  end(): void {
    for (const activity of this.#activities.values()) this.#passHeld(activity);
    this.#activities.clear();
  }

  /** What is held of a node is told before anything else is. */
  #release(event: TuringPiEvent): void {
    for (const [key, activity] of this.#activities) {
      if (!key.startsWith(keyOfNode(event))) continue;
      this.#passHeld(activity);
      if (performance.now() - activity.passedAtMs >= INTERVAL_MS) this.#activities.delete(key);
    }
  }

  #passHeld(activity: Activity): void {
    clearTimeout(activity.timer);
    activity.timer = undefined;
    const { held } = activity;
    if (held === undefined) return;
    activity.held = undefined;
    activity.passedAtMs = performance.now();
    this.pass(held);
  }
}

function keyOfNode({ board = '', nodeId }: TuringPiEvent): string {
  return `${board}/${nodeId} `;
}

function keyOf(event: ProgressEvent): string {
  return `${keyOfNode(event)}${event.phase} ${event.progress.activity}`;
}
