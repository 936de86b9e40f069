import type { BoardSteps, StepContext, StepName, StepResult, StepTask } from '../orchestrator/board-steps.js';
import { type StepFailure, stepFailureOf } from '../orchestrator.js';
import { StepsAround } from '../orchestrator/steps-around.js';

/** What an agent says of a step that it does. */
export type StepNews = Pick<StepTask, 'rollout' | 'board' | 'node'> & { readonly step: StepName } & (
    | { readonly type: 'step:started' }
    | { readonly type: 'step:progress'; readonly doing: string; readonly part?: number }
    | { readonly type: 'step:completed'; readonly outcome: StepResult['outcome'] }
    | { readonly type: 'step:cancelled' }
    | { readonly type: 'step:failed'; readonly failure: StepFailure }
  );

/** Does steps, and tells where they are done what becomes of them. */
export class ToldSteps extends StepsAround {
  #running = 0;

  constructor(
    steps: BoardSteps,
    private readonly tell: (news: StepNews) => void,
  ) {
    super(steps);
  }

  /** How many steps run now. */
  get running(): number {
    return this.#running;
  }

  protected override async around(
    step: StepName,
    task: StepTask,
    { signal, heartbeat }: StepContext,
  ): Promise<StepResult> {
    const { rollout, board, node } = task;
    const about = { rollout, board, node, step };
    let told = '';
    this.#running += 1;
    this.tell({ type: 'step:started', ...about });
    try {
      const result = await this.steps[step](task, {
        signal,
        heartbeat: (progress) => {
          const text = JSON.stringify(progress);
          if (text !== told) this.tell({ type: 'step:progress', ...about, ...progress });
          told = text;
          heartbeat(progress);
        },
      });
      this.tell({ type: 'step:completed', ...about, outcome: result.outcome });
      return result;
    } catch (error) {
      if (signal.aborted && error === signal.reason) this.tell({ type: 'step:cancelled', ...about });
      else this.tell({ type: 'step:failed', ...about, failure: stepFailureOf(error) });
      throw error;
    } finally {
      this.#running -= 1;
    }
  }
}
