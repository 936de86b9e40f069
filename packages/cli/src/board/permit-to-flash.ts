import { createHash } from 'node:crypto';
import path from 'node:path';
import type { BmcClient } from '@turingpi/bmc';
import {
  approveErasure,
  ERASE_HINT,
  EraseLedger,
  type ErasePermit,
  ErasureError,
  LEDGER_NAME,
  type NodeId,
} from '@turingpi/foundation';
import type { EraseApproval, TuringPi } from '@turingpi/core';
import { type Asking, describeErasures } from '../cluster/ask-to-erase.js';
import { type Erase, eraseOn } from '../process/erase-option.js';
import { canAsk, confirm } from '../process/confirm.js';
import type { Terminal } from '../process/terminal.js';

/** What says on the command line whether a disk may be erased. */
export interface FlashApprovalOptions {
  readonly yes?: boolean;
  readonly erase?: Erase;
  readonly board?: string;
}

/**
 * Who approves a flash of a configured node: `--erase`; the person at the terminal; `--yes` for a node of which nothing
 * is known, because the command itself names it.
 *
 * @param question - filled in once it is known what is flashed
 */
export function flashApproval(
  { yes, erase, board }: FlashApprovalOptions,
  terminal: Terminal,
  asking: Asking & { readonly question: { readonly text?: string } },
): EraseApproval {
  const said = eraseOn(board, erase);
  if (said !== undefined) return said;
  if (yes === true) return 'new';
  if (!canAsk(terminal)) return 'none';
  return {
    decide: async (erasures) => {
      asking.note(describeErasures(erasures));
      const agreed = await confirm(asking.question.text ?? 'Erase it?', {}, terminal);
      return agreed ? erasures : [];
    },
  };
}

/**
 * The right to flash a node. Of a configured one the records are looked at, and void once it is used.
 *
 * @throws ErasureError `ERASE_NOT_APPROVED`
 */
export async function permitToFlash(
  node: NodeId,
  context: {
    readonly board: BmcClient;
    readonly cluster: TuringPi | undefined;
    readonly cacheDir: string;
    readonly options: FlashApprovalOptions;
    readonly terminal: Terminal;
    readonly signal: AbortSignal;
    readonly question: { readonly text?: string };
  },
): Promise<ErasePermit> {
  const { board, cluster, cacheDir, options, terminal, signal, question } = context;
  const asked = question.text ?? '';
  const plan = createHash('sha256').update(asked).digest('hex');
  if (cluster?.config.nodes.has(node) === true)
    return cluster.requestErasure(node, { plan, why: 'it was flashed by hand', signal });
  const said = eraseOn(undefined, options.erase);
  const approved =
    said === 'all' ||
    (typeof said === 'object' && said.includes(node)) ||
    (said === undefined && canAsk(terminal) && (await confirm(asked, {}, terminal)));
  if (!approved)
    throw new ErasureError('ERASE_NOT_APPROVED', `nobody has approved that node ${node} is erased`, {
      hint: ERASE_HINT,
      details: { node },
    });
  const { id } = await board.identity({ signal });
  return approveErasure({ node, board: id, plan }, new EraseLedger(path.join(cacheDir, LEDGER_NAME)));
}
