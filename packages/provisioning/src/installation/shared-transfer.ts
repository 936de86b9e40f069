import type { Context, SharedText } from '@turingpi/core/plugin';

/**
 * What all computers that share the state are told of the transfer on the board; undefined where there are none, or the
 * board does not tell who it is.
 */
export async function sharedTransferOf({
  papers,
  boardId,
}: Pick<Context, 'papers' | 'boardId'>): Promise<SharedText | undefined> {
  if (papers?.reach !== 'network') return undefined;
  const board = await boardId();
  return board === undefined ? undefined : papers.text(`transfer/${board}`);
}
