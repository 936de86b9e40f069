import { didYouMean } from '@turingpi/core/plugin';
import { notedBoard } from '@turingpi/provisioning';
import { NODE_IDS } from '@turingpi/foundation';
import { UsageError } from '../../process/usage-error.js';
import type { SlotList } from './init-options.js';
import { describeSlots, type MetBoard } from './meet-board.js';
import type { Questions } from './questions.js';

const EMPTY = '-';

/** A kind of module that a plugin brings. */
export interface KnownBoard {
  readonly id: string;
  readonly title: string;
}

/**
 * What is in the slots. The firmware does not tell; people may have noted it on the board.
 *
 * @param given - as `--nodes` says it
 * @param boards - what plugins bring
 */
export async function chooseSlots(
  met: Pick<MetBoard, 'power' | 'notes'>,
  {
    given,
    boards,
    questions,
  }: {
    readonly given: SlotList | undefined;
    readonly boards: readonly KnownBoard[];
    readonly questions: Questions;
  },
): Promise<SlotList> {
  if (given !== undefined) return given;
  const described = describeSlots(met);
  const slots: [number, string | undefined][] = [];
  for (const id of NODE_IDS) {
    const noted = notedBoard(
      met.notes?.[id],
      boards.map((board) => board.id),
    );
    const answer = await questions.choose<string>({
      message: `What is in ${described[id - 1] ?? `slot ${id}`}?`,
      flag: '--nodes, for example --nodes rk1,rk1,cm4,-',
      choices: [
        // The first is what Enter means: nothing that is in a slot is touched by a slip.
        { value: EMPTY, label: 'nothing, or nothing that is to be touched' },
        ...boards.map(({ id: value, title }) => ({ value, label: title })),
      ],
      initial: noted,
    });
    slots.push([id, answer === EMPTY ? undefined : answer]);
  }
  return Object.fromEntries(slots) as unknown as SlotList;
}

/**
 * Looks at what `--nodes` names before anything is asked.
 *
 * @throws UsageError for a board that no plugin brings
 */
export function assertKnownBoards(given: SlotList | undefined, boards: readonly KnownBoard[]): void {
  const known = boards.map(({ id }) => id);
  const unknown = Object.values(given ?? {}).find((board) => board !== undefined && !known.includes(board));
  if (unknown === undefined) return;
  throw new UsageError(
    `--nodes names the board "${unknown}", which no plugin brings${didYouMean(unknown, known)}`,
    `Known: ${known.join(', ')}; - is an empty slot.`,
  );
}
