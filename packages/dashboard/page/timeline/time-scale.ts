const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const STEPS = [
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 4, 12, 24].map((hours) => hours * HOUR),
];
const MOST_TICKS = 7;
const SHORTEST_MS = 10 * SECOND;

/** How the time of a run is laid out from left to right. */
export interface TimeScale {
  /** In milliseconds since 1970. */
  readonly start: number;
  /** In milliseconds. */
  readonly span: number;
  /** Round times since the start, in milliseconds. */
  readonly ticks: readonly number[];
}

/** From the start of a run to where it has got to, a short one drawn as if it took ten seconds. */
export function timeScale(start: number, end: number): TimeScale {
  const span = Math.max(SHORTEST_MS, end - start);
  const step = STEPS.find((each) => span / each <= MOST_TICKS) ?? Math.ceil(span / MOST_TICKS / HOUR) * HOUR;
  const ticks = Array.from({ length: Math.floor(span / step) + 1 }, (_, index) => index * step);
  return { start, span, ticks };
}

/** Where a time is, in per cent from the left. */
export function placeOf({ start, span }: TimeScale, at: number): number {
  return Math.max(0, Math.min(100, ((at - start) / span) * 100));
}

/** What a piece of time covers, as a style. */
export function extentOf(scale: TimeScale, from: number, to: number): { left: string; width: string } {
  const left = placeOf(scale, from);
  return { left: `${left.toFixed(3)}%`, width: `${(placeOf(scale, to) - left).toFixed(3)}%` };
}

/** A tick's label: `0`, `30 s`, `5 min`, `1 h 30`. */
export function tickLabel(ms: number): string {
  if (ms === 0) return '0';
  if (ms < MINUTE) return `${ms / SECOND} s`;
  if (ms < HOUR) {
    const seconds = (ms % MINUTE) / SECOND;
    return `${Math.floor(ms / MINUTE)}${seconds === 0 ? ' min' : `:${String(seconds).padStart(2, '0')}`}`;
  }
  const minutes = (ms % HOUR) / MINUTE;
  return `${Math.floor(ms / HOUR)} h${minutes === 0 ? '' : ` ${minutes}`}`;
}
