import type { PhaseRecord } from '../state/state-document.js';
import type { PhaseFacts } from './claimed-record.js';
import { defined } from './defined.js';

type Evidence = NonNullable<PhaseRecord['in_place']>[number];

/** Of more changes the latest are kept. */
const KEPT = 16;

/**
 * What the record of an installation keeps when its node was changed as it runs: it is the same installation, of the same
 * time, and owes what it owed.
 *
 * @param done - what was changed, when (ISO 8601), and by which run
 */
export function installedInPlace(
  { timestamp, duration_ms, generation, owed, in_place = [] }: PhaseRecord,
  {
    at,
    run,
    settings,
  }: { readonly at: string; readonly run: string | undefined; readonly settings: readonly string[] },
): PhaseFacts {
  const evidence: Evidence = { at, ...(run !== undefined && { run }), settings: [...settings].sort() };
  return {
    ...defined({ duration_ms, generation, owed }),
    ...{ timestamp, seen_at: at, in_place: [...in_place, evidence].slice(-KEPT) },
  };
}
