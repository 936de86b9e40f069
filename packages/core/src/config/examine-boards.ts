import { checkAcrossBoards } from './check-across-boards.js';
import { hasBoards, type SplitBoards, splitBoards } from './split-boards.js';

/**
 * The boards of a configuration, with everything that is wrong between them: those of `boards` by name, or the one that
 * the configuration is of, which has none.
 */
export function examineBoards(config: unknown): SplitBoards {
  if (!hasBoards(config))
    return { boards: [{ name: undefined, input: config, pathInWhole: (path) => path }], issues: [] };
  const { boards, issues } = splitBoards(config);
  return { boards, issues: [...issues, ...checkAcrossBoards(boards)] };
}
