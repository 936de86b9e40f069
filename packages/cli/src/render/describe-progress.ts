import type { Progress } from '@turingpi/foundation';
import { formatBytes, formatDuration } from './format.js';

/** One line about how far something is. */
export function describeProgress(progress: Progress): string {
  const amount = (value: number) => (progress.unit === 'bytes' ? formatBytes(value) : String(value));
  const parts = [progress.activity];
  if (progress.done !== undefined && progress.total !== undefined && progress.total > 0)
    parts.push(
      `${Math.floor((100 * progress.done) / progress.total)} %`,
      `(${amount(progress.done)} of ${amount(progress.total)})`,
    );
  else if (progress.done !== undefined) parts.push(amount(progress.done));
  if (progress.rate !== undefined && progress.unit === 'bytes') parts.push(`${formatBytes(progress.rate)}/s`);
  if (progress.etaMs !== undefined) parts.push(`${formatDuration(progress.etaMs)} left`);
  if (progress.note !== undefined) parts.push(`- ${progress.note}`);
  return parts.join(' ');
}
