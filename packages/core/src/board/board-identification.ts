import type { BoardId } from './board-id.js';

/** Asks the cluster's board who it is, so that records of another board are never taken for its own. */
export interface BoardIdentification {
  /** Whether it can be asked at all. */
  readonly canTell: boolean;
  /** @throws Whatever keeps the board from answering. */
  identify(signal: AbortSignal): Promise<BoardId>;
}
