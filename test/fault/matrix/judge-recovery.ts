import type { NodeId } from '@turingpi/foundation';
import { BARE_TARGET, type BareOutcome } from '../../board/bare-flash.js';
import type { CellVerdict } from './cell-verdict.js';

/** Refusals of a second attempt: the first was restored, and nothing is touched by this one. */
const UNTOUCHED: readonly string[] = ['BMC_FLASH_BUSY', 'BMC_FLASH_OTHER_NODES_ON'];

/** Judges how a flash went in whose recovery another client began a transfer. */
export function judgeRecovery(
  { outcome, details, complaints, targetHoldsImage, written, targetOn }: BareOutcome,
  cell: { readonly isDone: boolean; readonly happened: boolean; readonly foreignNode: NodeId },
): CellVerdict {
  const wrong = [...complaints, ...written.map((id) => `node ${id} was written`)];
  if (outcome === 'flashed' && !targetHoldsImage) wrong.push('success with wrong bytes');
  // The BMC tells only whole seconds, and all of this is over in less: another node may have gone on before our end.
  const isDoubted = outcome === 'BMC_FLASH_TARGET_UNPROVEN' && cell.foreignNode !== BARE_TARGET;
  if (cell.isDone && outcome !== 'flashed' && !isDoubted) wrong.push('a finished flash is no success');
  const isRestored = details['nodeOff'] === true && details['usbRestored'] === true;
  const isSuccess = outcome === 'flashed' || isRestored;
  if (!cell.happened && targetOn) wrong.push('node left on');
  if (!cell.happened && !isSuccess && outcome !== 'aborted')
    wrong.push('not restored, and nobody was in the way');
  const saysHow = details['nodeOff'] !== undefined || UNTOUCHED.includes(outcome) || isDoubted;
  if (!saysHow && outcome !== 'flashed' && outcome !== 'aborted')
    wrong.push('the error does not say how the board was left');
  return { outcome, durationMs: 0, happened: cell.happened, wrongModules: written, namedModules: [], wrong };
}
