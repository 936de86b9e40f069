import { CancellationScope, condition, continueAsNew, setHandler, workflowInfo } from '@temporalio/workflow';
import { beginnable, isOpen, opensAt, outcomeOf } from '@turingpi/fleet/decisions';
import type { BoardState, RolloutOutcome } from '@turingpi/fleet/orchestrator';
import { boardFree, happened, type RolloutInput } from './messages.js';
import { RolloutBoards } from './rollout-boards.js';
import { DrainedSites } from './drained-sites.js';

/** How a rollout ended; what became of its boards is in its history. */
export interface RolloutEnd {
  readonly outcome: RolloutOutcome;
}

/**
 * Goes through the boards of a rollout as its policy says. Cancelled, it cancels the boards that run, and ends when they
 * have ended.
 */
export async function rolloutWorkflow(input: RolloutInput): Promise<RolloutEnd> {
  const { rollout, carried } = input;
  const { windows } = rollout.policy;
  const progress = new Map<string, BoardState>(carried?.progress);
  let isCancelled = carried?.isCancelled ?? false;
  let changes = 0;
  const change = () => void (changes += 1);
  const boards = new RolloutBoards(input, progress, change);
  const sites = new DrainedSites(input.fleet, change);
  setHandler(happened, (happenings) => {
    for (const happening of happenings)
      if (happening.type === 'board:ended') boards.end(happening.board, happening.state);
  });
  setHandler(boardFree, (board) => boards.free(board));
  void CancellationScope.current().cancelRequested.catch(() => {
    isCancelled = true;
    boards.cancel();
    change();
  });
  return CancellationScope.nonCancellable(async () => {
    for (;;) {
      const seen = changes;
      const surroundings = {
        isOpen: isOpen(windows, new Date()) && !isCancelled,
        isHeld: (board: (typeof rollout.boards)[number]) =>
          boards.isHeld(board.board) || sites.has(board.site),
      };
      const [next] = beginnable(rollout, progress, surroundings);
      if (next !== undefined) {
        if (!(await sites.look(next.site))) await boards.begin(next, () => isCancelled);
        continue;
      }
      const outcome = outcomeOf(rollout, progress, isCancelled);
      if (outcome !== undefined) return { outcome };
      if (workflowInfo().continueAsNewSuggested)
        await continueAsNew<typeof rolloutWorkflow>({
          ...input,
          carried: { progress: [...progress], isCancelled },
        });
      const opens = isCancelled ? undefined : opensAt(windows, new Date())?.getTime();
      const isChanged = () => changes !== seen;
      if (opens === undefined || opens <= Date.now()) await condition(isChanged);
      else await condition(isChanged, opens - Date.now());
    }
  });
}
