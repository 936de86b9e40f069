import type { EraseLedger } from './erase-ledger.js';
import { createPermit, type ErasePermit } from './erase-permit.js';
import type { Erasure } from './erasure.js';
import { noteForJudge } from './judged-ledger.js';

/**
 * Approves one erasure, for a program that flashes by itself: calling it is saying that everything on this disk may be
 * lost.
 *
 * @param ledger - where it is noted
 * @param onBegin - done before the disk is touched, for example voiding records of it
 */
export function approveErasure(
  erasure: Pick<Erasure, 'node'> & Partial<Erasure>,
  ledger?: EraseLedger,
  onBegin: () => Promise<void> = () => Promise.resolve(),
): ErasePermit {
  const whole: Erasure = {
    board: undefined,
    hostname: `node ${erasure.node}`,
    disk: 'emmc',
    plan: '',
    evidence: 'unknown',
    loss: 'everything on it',
    changes: [],
    ...erasure,
  };
  return createPermit(whole, async (board) => {
    const { node, disk, plan, evidence } = whole;
    const entry = { at: new Date().toISOString(), board, node, disk, plan, evidence };
    await (ledger ? ledger.append(entry) : noteForJudge(entry));
    await onBegin();
  });
}
