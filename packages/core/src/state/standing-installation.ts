import type { PhaseRecord } from './state-document.js';

/**
 * The finished installation that a record tells of: its own, or the one beneath a reinstallation that has not begun to
 * erase the disk.
 */
export function standingInstallation(record: PhaseRecord | undefined): PhaseRecord | undefined {
  if (record?.status === 'completed') return record;
  if (record?.erased === true || record?.previous === undefined) return undefined;
  return record.previous as unknown as PhaseRecord;
}
