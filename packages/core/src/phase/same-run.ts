import type { PhaseRecord } from '../state/state-document.js';

/** Whether a record is still of the run that was seen: a sign of life or a note in it is no change. */
export function isSameRun(current: PhaseRecord | undefined, seen: PhaseRecord | undefined): boolean {
  return (
    (current?.status ?? 'pending') === (seen?.status ?? 'pending') &&
    current?.fence === seen?.fence &&
    current?.owner?.instance === seen?.owner?.instance
  );
}
