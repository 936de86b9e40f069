import {
  CancellationScope,
  getExternalWorkflowHandle,
  ParentClosePolicy,
  sleep,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import type { BoardState, RolloutBoard } from '@turingpi/fleet/orchestrator';
import { boardWorkflow } from './board-workflow.js';
import { fleetNames } from './fleet-names.js';
import { awaitBoard, type RolloutInput } from './messages.js';
import { signalUntilTaken } from './signal-until-taken.js';

const WATCH_MS = 5 * 60_000;

/** The workflows of the boards of a rollout. They outlive a run of it, and tell their end by a signal. */
export class RolloutBoards {
  /** Those that another rollout has. */
  readonly #held = new Set<string>();

  constructor(
    private readonly input: RolloutInput,
    private readonly progress: Map<string, BoardState>,
    private readonly change: () => void,
  ) {
    for (const [board, state] of progress) if (state === 'running') void this.#watch(board);
  }

  isHeld(board: string): boolean {
    return this.#held.has(board);
  }

  /** Begins with a board, or learns that another rollout has it. */
  async begin(board: RolloutBoard, isCancelled: () => boolean): Promise<void> {
    const { fleet, rollout, timings } = this.input;
    const name = board.board;
    const site = rollout.sites.find(({ id }) => id === board.site);
    if (site === undefined) throw new TypeError(`${board.site} is a site of the rollout, as was checked`);
    this.progress.set(name, 'running');
    const { reinstall, policy, trace } = rollout;
    const own = {
      ...{ rollout: rollout.id, board, limits: site.limits, reinstall, retry: policy.retry },
      ...(trace === undefined ? {} : { trace }),
    };
    try {
      const child = await startChild(boardWorkflow, {
        workflowId: fleetNames(fleet).board(name),
        parentClosePolicy: ParentClosePolicy.ABANDON,
        args: [{ fleet, timings, ...own }],
      });
      // One that somebody terminates says nothing any more.
      child.result().catch(() => {
        if (this.progress.get(name) === 'running') this.end(name, 'failed');
      });
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      this.progress.delete(name);
      this.#held.add(name);
      // It may have ended meanwhile.
      void this.#isThere(name).then((isThere) => isThere || this.free(name));
    }
    if (isCancelled()) this.cancel();
  }

  end(board: string, state: BoardState): void {
    this.progress.set(board, state);
    this.change();
  }

  free(board: string): void {
    this.#held.delete(board);
    this.change();
  }

  /** Cancels those that run. */
  cancel(): void {
    for (const [board, state] of this.progress)
      if (state === 'running')
        // What a cancelled scope sends is not sent.
        CancellationScope.nonCancellable(() => this.#handle(board).cancel()).catch(() => undefined); // it has ended
  }

  /** A board that a run before has begun tells its end by a signal alone: one that somebody terminates says nothing any more. */
  async #watch(board: string): Promise<void> {
    while (this.progress.get(board) === 'running') {
      if (!(await this.#isThere(board)) && this.progress.get(board) === 'running') this.end(board, 'failed');
      else await sleep(WATCH_MS);
    }
  }

  /** Whether the workflow of a board runs; it tells when it has ended then. */
  #isThere(board: string): Promise<boolean> {
    return signalUntilTaken(() => this.#handle(board).signal(awaitBoard, workflowInfo().workflowId));
  }

  #handle(board: string): ReturnType<typeof getExternalWorkflowHandle> {
    return getExternalWorkflowHandle(fleetNames(this.input.fleet).board(board));
  }
}
