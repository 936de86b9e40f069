import type { RolloutWindow } from '../orchestrator/rollout.js';

const DAY = 24 * 60;
const WEEK = 7 * DAY;
const MINUTE_MS = 60_000;
const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** Whether boards may begin now. */
export function isOpen(windows: readonly RolloutWindow[], now: Date): boolean {
  return windows.length === 0 || windows.some((window) => isIn(window, now));
}

/**
 * When boards may begin next: now where one of the windows is open.
 *
 * @returns Undefined where none ever opens.
 */
export function opensAt(windows: readonly RolloutWindow[], now: Date): Date | undefined {
  if (isOpen(windows, now)) return now;
  const minutes = windows.flatMap((window) => {
    const at = minuteOfWeek(now, window.timeZone);
    return window.days.map((day) => ((day - 1) * DAY + window.from - at + WEEK) % WEEK);
  });
  // A clock that is put forward or back in between is looked at again when the time has come.
  const startOfMinute = Math.floor(now.getTime() / MINUTE_MS) * MINUTE_MS;
  return minutes.length === 0 ? undefined : new Date(startOfMinute + Math.min(...minutes) * MINUTE_MS);
}

function isIn({ days, from, until, timeZone }: RolloutWindow, now: Date): boolean {
  const at = minuteOfWeek(now, timeZone);
  const length = until > from ? until - from : until + DAY - from;
  return days.some((day) => (at - (day - 1) * DAY - from + WEEK) % WEEK < length);
}

/** Minutes since Monday, midnight, on the clocks of a time zone. */
function minuteOfWeek(now: Date, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(now);
  const part = (wanted: string) => parts.find(({ type }) => type === wanted)?.value ?? '';
  return WEEKDAYS.indexOf(part('weekday')) * DAY + Number(part('hour')) * 60 + Number(part('minute'));
}
