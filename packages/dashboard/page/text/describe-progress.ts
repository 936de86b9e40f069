import type { Progress } from '@turingpi/foundation';
import { formatBytes, formatDuration } from './format.js';

/** How far something is, in parts of 1; nothing where the whole is not known. */
export function fractionOf({ done, total }: Progress): number | undefined {
  if (done === undefined || total === undefined || total <= 0) return undefined;
  return Math.max(0, Math.min(1, done / total));
}

/** How much of how much, how fast, and how long it takes still, as far as it is known. */
export function describeProgress(progress: Progress): readonly string[] {
  const { done, total, unit, rate, etaMs, note } = progress;
  const amount = (value: number) => (unit === 'bytes' ? formatBytes(value) : String(value));
  const parts: string[] = [];
  if (done !== undefined)
    parts.push(total === undefined ? amount(done) : `${amount(done)} of ${amount(total)}`);
  if (rate !== undefined && unit === 'bytes') parts.push(`${formatBytes(rate)}/s`);
  if (etaMs !== undefined) parts.push(`${formatDuration(etaMs)} left`);
  if (note !== undefined) parts.push(note);
  return parts;
}
