import { lookup } from 'node:dns/promises';
import { USUAL_HOST } from '../../board/open-board.js';
import type { Terminal } from '../../process/terminal.js';
import { findBoards } from './find-boards.js';
import type { Questions } from './questions.js';

const ANOTHER = 'another';

/**
 * The board that is meant: one of those that answer in the network, or what is typed.
 *
 * @returns Its name where this computer can resolve that, else its address.
 * @throws The reason of the signal.
 */
export async function chooseBoard(
  { questions, terminal, signal }: Asking,
  find: typeof findBoards = findBoards,
): Promise<string> {
  const question = { flag: '--host' };
  if (questions.canAsk) {
    terminal.stderr.write('Looking for boards in the network...\n');
    const found = await find(signal);
    const choices = [
      ...found.map(({ name, address }) => ({ value: address, label: name, hint: address })),
      { value: ANOTHER, label: 'another one', hint: 'you are asked for its address or name' },
    ];
    const meant = found[0] && (await questions.choose({ ...question, message: 'Which board?', choices }));
    const board = found.find(({ address }) => address === meant);
    if (board !== undefined) return (await resolves(board.name)) ? board.name : board.address;
  }
  return questions.text({ ...question, message: 'Address or name of the board', initial: USUAL_HOST });
}

interface Asking {
  readonly questions: Questions;
  readonly terminal: Pick<Terminal, 'stderr'>;
  readonly signal: AbortSignal;
}

function resolves(name: string): Promise<boolean> {
  return lookup(name, { family: 4 }).then(
    () => true,
    () => false,
  );
}
