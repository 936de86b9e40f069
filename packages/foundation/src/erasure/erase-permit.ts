import { ErasureError } from './erasure-error.js';
import { nodeArgument } from '../node/node-id.js';
import type { Erasure } from './erasure.js';

const PERMIT = Symbol.for('@turingpi/core:erase-permit');

/** What is about to be erased, as whoever erases it knows it at that moment. */
export type ErasureAtHand = Pick<Erasure, 'node' | 'disk'> & {
  /** The board's identity as it tells it now; undefined where it cannot be told. */
  readonly board?: string | undefined;
};

/**
 * The right to erase one disk of one node. Only core gives it out; whoever erases calls {@link begin} directly before
 * the first request or byte that does.
 */
export interface ErasePermit {
  readonly erasure: Erasure;
  /** Whether {@link begin} succeeded. */
  readonly begun: boolean;
  /**
   * Compares what is at hand with what was approved, notes it in the ledger, and voids the records of what is erased.
   * May be called again by another attempt.
   *
   * @throws ErasureError `ERASE_NOT_APPROVED` when it is another board, node or disk.
   */
  begin(atHand: ErasureAtHand): Promise<void>;
  /**
   * The same right once more, for a way to install that has come to a good end with something else than the image and now
   * writes the disk again: another erasure in the ledger, under the same approval.
   */
  again(): ErasePermit;
}

/** Makes a permit of an approved erasure. Of core alone: {@link approveErasure} is for programs. */
export function createPermit(
  erasure: Erasure,
  onBegin: (board: string | undefined) => Promise<void>,
): ErasePermit {
  let begun: Promise<void> | undefined;
  let done = false;
  const permit: ErasePermit & { readonly [PERMIT]: true } = {
    [PERMIT]: true,
    erasure,
    get begun() {
      return done;
    },
    again: () => createPermit(erasure, onBegin),
    async begin(atHand) {
      const wrong = differenceFrom(erasure, atHand);
      if (wrong !== undefined) throw notApproved(erasure, wrong);
      begun ??= onBegin(atHand.board ?? erasure.board).then(() => {
        done = true;
      });
      try {
        await begun;
      } catch (error) {
        begun = undefined;
        throw error;
      }
    },
  };
  return permit;
}

/**
 * Refuses what comes without a permit of core's, or with that of another node.
 *
 * @throws ErasureError `ERASE_NOT_APPROVED`
 */
export function assertPermit(permit: unknown, atHand: ErasureAtHand): asserts permit is ErasePermit {
  if (typeof permit !== 'object' || permit === null || !(PERMIT in permit))
    throw new ErasureError(
      'ERASE_NOT_APPROVED',
      `nobody has approved that the ${atHand.disk} of node ${atHand.node} is erased`,
      { hint: ERASE_HINT, details: { ...atHand } },
    );
  const { erasure } = permit as unknown as ErasePermit;
  const wrong = differenceFrom(erasure, atHand);
  if (wrong !== undefined) throw notApproved(erasure, wrong);
}

const IN_CODE = 'In code: `approve` of createTuringPi.';

/** How erasing is approved, in code and on the command line. */
export const ERASE_HINT = `On the command line: say yes when you are asked, or give --erase with the numbers of nodes, \`new\` or \`all\`. ${IN_CODE}`;

/** How one erasure is approved, and what else may be wanted: only what can work on this evidence. */
export function eraseHint({
  node,
  boardName,
  evidence,
}: Pick<Erasure, 'node' | 'boardName' | 'evidence'>): string {
  const name = nodeArgument(node, boardName);
  const adopt =
    evidence === 'unknown'
      ? `If a system of yours runs there, \`turingpi adopt ${name}\` makes a record of it and erases nothing. `
      : '';
  const or = evidence === 'new' ? ' or --erase new' : '';
  return `${adopt}To erase it: say yes when you are asked, or give --erase ${name}${or}. ${IN_CODE}`;
}

function differenceFrom(erasure: Erasure, atHand: ErasureAtHand): string | undefined {
  if (erasure.node !== atHand.node) return `node ${atHand.node}`;
  if (!erasure.disk.split(', ').includes(atHand.disk)) return `the disk ${atHand.disk}`;
  if (erasure.board !== undefined && atHand.board !== undefined && erasure.board !== atHand.board)
    return `the board ${atHand.board}`;
  return undefined;
}

function notApproved(erasure: Erasure, wrong: string): ErasureError {
  return new ErasureError(
    'ERASE_NOT_APPROVED',
    `the approval is for the ${erasure.disk} of node ${erasure.node} on ${erasure.board ?? 'its board'}, not for ${wrong}`,
    { hint: 'Run again: each erasure is approved for what it is about.', details: { node: erasure.node } },
  );
}
