// What the command line says in its own words has them here too: a browser cannot load packages that stand on Node.
const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** Bytes for people: `12.3 MB`, decimal units. */
export function formatBytes(bytes: number): string {
  const power = bytes < 1000 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes * 1.00005) / 3));
  return `${power === 0 ? String(Math.round(bytes)) : (bytes / 1000 ** power).toFixed(1)} ${UNITS[power] ?? ''}`;
}

/** Milliseconds for people: `40 ms`, `0.4 s`, `12 s`, `3 min 20 s`, `1 h 5 min`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 100) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 9_950) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** The time of day, to the second, where the reader is: `10:03:20`. */
export function formatClock(at: number): string {
  return CLOCK.format(at);
}
const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });

/** Day and time of day. */
export function formatDate(at: number): string {
  return DATE.format(at);
}
const DATE = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });

/** `1 node`, `4 nodes`. */
export function count(amount: number, one: string, several = `${one}s`): string {
  return `${amount} ${amount === 1 ? one : several}`;
}
