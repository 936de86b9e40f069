import { setTimeout as wait } from 'node:timers/promises';
import {
  type BoardSteps,
  type StepFailure,
  type StepName,
  type StepProgress,
  type StepResult,
  STEPS,
  type StepTask,
} from '../orchestrator/board-steps.js';
import type { BoardState } from '../orchestrator/fleet-status.js';
import type { RolloutBoard, RolloutNode, Site } from '../orchestrator/rollout.js';
import { stepFailureOf } from '../orchestrator/step-failure.js';
import { retryDelayMs } from '../rollout/retry-delay.js';
import type { Places } from './places.js';
import type { RolloutHistory } from './rollout-history.js';

/** Progress is told when it has grown by so much, or is about something else. */
const PART_WORTH_TELLING = 0.1;

/** What the runs of nodes share. */
export interface NodeRunServices {
  readonly history: RolloutHistory;
  readonly places: Places;
  /** Who does the next step on a site; waits until there is somebody. */
  stepsOf(site: string, signal: AbortSignal): Promise<BoardSteps>;
}

/** One node of a rollout on its way through the steps. */
export class NodeRun {
  constructor(
    private readonly services: NodeRunServices,
    private readonly site: Site,
    private readonly board: RolloutBoard,
    private readonly node: RolloutNode,
    private readonly signal: AbortSignal,
  ) {}

  /** @returns What became of it. */
  async run(): Promise<BoardState> {
    for (const step of STEPS) {
      const state = await this.#step(step);
      if (state !== 'completed') return state;
    }
    return 'completed';
  }

  async #step(step: StepName): Promise<BoardState> {
    const { retry } = this.services.history.rollout.policy;
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await this.#attempt(step, attempt);
      if (typeof outcome === 'string') return outcome;
      const retryInMs = retryDelayMs(outcome, attempt, retry);
      const again = retryInMs === undefined || this.signal.aborted ? {} : { retryInMs };
      this.#tell(step, attempt, { type: 'step:failed', failure: outcome, ...again });
      if (again.retryInMs === undefined) return 'failed';
      try {
        await wait(again.retryInMs, undefined, { signal: this.signal });
      } catch {
        return 'cancelled';
      }
    }
  }

  /** @returns A failure that may be tried again, or what became of the step. */
  async #attempt(step: StepName, attempt: number): Promise<'completed' | 'cancelled' | StepFailure> {
    const { services, site, signal } = this;
    const { board } = this.board;
    let giveBack: (() => void) | undefined;
    let begun = false;
    try {
      const steps = await services.stepsOf(site.id, signal);
      giveBack = await services.places.take({ site, board, step }, signal);
      this.#tell(step, attempt, { type: 'step:started' });
      begun = true;
      const heartbeat = this.#heartbeat(step, attempt);
      const result = await steps[step](this.#task(), { signal, heartbeat });
      this.#tell(step, attempt, { type: 'step:completed', result });
      return 'completed';
    } catch (error) {
      if (!signal.aborted || error !== signal.reason) return stepFailureOf(error);
      if (begun) this.#tell(step, attempt, { type: 'step:cancelled' });
      return 'cancelled';
    } finally {
      giveBack?.();
    }
  }

  #task(): StepTask {
    const { rollout } = this.services.history;
    const { id, reinstall, trace } = rollout;
    return {
      ...{ rollout: id, board: this.board.board, reinstall },
      ...(trace === undefined ? {} : { trace }),
      ...this.node,
    };
  }

  #heartbeat(step: StepName, attempt: number): (progress: StepProgress) => void {
    let told: StepProgress | undefined;
    return (progress) => {
      const grown = (progress.part ?? 0) - (told?.part ?? 0);
      if (told?.doing === progress.doing && grown < PART_WORTH_TELLING) return;
      told = progress;
      this.#tell(step, attempt, { type: 'step:progress', progress });
    };
  }

  #tell(
    step: StepName,
    attempt: number,
    what:
      | { readonly type: 'step:started' | 'step:cancelled' }
      | { readonly type: 'step:progress'; readonly progress: StepProgress }
      | { readonly type: 'step:completed'; readonly result: StepResult }
      | { readonly type: 'step:failed'; readonly failure: StepFailure; readonly retryInMs?: number },
  ): void {
    const { board, site } = this.board;
    this.services.history.tell({ ...what, board, site, node: this.node.node, step, attempt });
  }
}
