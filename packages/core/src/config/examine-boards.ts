import { checkAcrossBoards } from './check-across-boards.js';
import { isRecord } from './is-record.js';
import { type SplitBoards, splitBoards } from './split-boards.js';

/** Takes a configuration of several boards apart, with everything that is wrong between them. */
export function examineBoards(config: unknown): SplitBoards {
  const { boards, issues } = splitBoards(isRecord(config) ? config : {});
  return { boards, issues: [...issues, ...checkAcrossBoards(boards)] };
}
