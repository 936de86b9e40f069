import { type OpenedPapers, type RunStore, SharedRunStore } from '@turingpi/core';
import { openBoards } from '../../cluster/open-boards.js';
import type { Terminal } from '../../process/terminal.js';
import { printable } from '../../render/printable.js';

const NOTHING: OpenedPapers = { papers: [], [Symbol.asyncDispose]: () => Promise.resolve() };

/**
 * The runs of a directory with those that other computers tell of in the store of a configuration. Where that cannot be
 * opened, it is said once, and those on this computer are there.
 */
export function sharedRuns(directory: string, configFile: string, terminal: Terminal): RunStore {
  let hasWarned = false;
  return new SharedRunStore(directory, async () => {
    try {
      const opened = await openBoards(configFile, terminal, { withoutSecrets: true });
      const papers = [...opened.boards.clusters.values()].flatMap(({ papers: each }) =>
        each?.reach === 'network' ? [each] : [],
      );
      return { papers, [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose]() };
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      if (!hasWarned)
        terminal.stderr.write(`warning: runs of other computers are not shown: ${printable(why)}\n`);
      hasWarned = true;
      return NOTHING;
    }
  });
}
