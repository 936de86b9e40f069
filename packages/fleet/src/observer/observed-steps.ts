import type { BoardSteps, StepContext, StepName, StepResult, StepTask } from '../orchestrator/board-steps.js';
import { StepsAround } from '../orchestrator/steps-around.js';
import type { FleetObservers } from './fleet-observers.js';

/** Does steps, observed. */
export class ObservedSteps extends StepsAround {
  constructor(
    steps: BoardSteps,
    private readonly observers: FleetObservers,
    private readonly by: { readonly site: string; readonly agent: string },
  ) {
    super(steps);
  }

  protected override around(step: StepName, task: StepTask, context: StepContext): Promise<StepResult> {
    const { rollout, board, node, trace } = task;
    const observed = { rollout, board, node, step, ...this.by, ...(trace === undefined ? {} : { trace }) };
    return this.observers.during(observed, () => this.steps[step](task, context));
  }
}
