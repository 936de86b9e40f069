import type { DiskEvidence, Erasure } from '@turingpi/foundation';

/** How bad it would be to be wrong about a disk. */
const WEIGHT: Readonly<Record<DiskEvidence, number>> = { interrupted: 0, new: 0, unknown: 1, installed: 2 };

type Asked = Pick<Erasure, 'disk' | 'board' | 'evidence'>;

/** Whether an erasure is about more than the one that was answered: another disk or board, or one of which more is known. */
export function asksForMore(now: Asked, then: Asked): boolean {
  if (now.disk !== then.disk) return true;
  if (then.board !== undefined && now.board !== undefined && now.board !== then.board) return true;
  return WEIGHT[now.evidence] > WEIGHT[then.evidence];
}
