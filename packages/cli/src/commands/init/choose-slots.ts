import { NODE_IDS } from '@turingpi/foundation';
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
    const noted = notedBoard(met.notes?.[id], boards);
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

/** The board that a note such as `Turing RK1` names. */
function notedBoard(
  note: { readonly name?: string | undefined; readonly moduleName?: string | undefined } | undefined,
  boards: readonly KnownBoard[],
): string | undefined {
  const text = `${note?.moduleName ?? ''} ${note?.name ?? ''}`.toLowerCase();
  return boards.find(({ id }) => text.includes(id.toLowerCase()))?.id;
}
