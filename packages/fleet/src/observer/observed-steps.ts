import type { BoardSteps, StepContext, StepName, StepResult, StepTask } from '../orchestrator/board-steps.js';
import type { FleetObservers } from './fleet-observers.js';

/** Does steps, observed. */
export class ObservedSteps implements BoardSteps {
  constructor(
    private readonly steps: BoardSteps,
    private readonly observers: FleetObservers,
    private readonly by: { readonly site: string; readonly agent: string },
  ) {}

  plan(...[task, context]: Parameters<BoardSteps['plan']>): ReturnType<BoardSteps['plan']> {
    return this.steps.plan(task, context);
  }

  customise(task: StepTask, context: StepContext): Promise<StepResult> {
    return this.#step('customise', task, context);
  }

  install(task: StepTask, context: StepContext): Promise<StepResult> {
    return this.#step('install', task, context);
  }

  postInstall(task: StepTask, context: StepContext): Promise<StepResult> {
    return this.#step('postInstall', task, context);
  }

  #step(step: StepName, task: StepTask, context: StepContext): Promise<StepResult> {
    const { rollout, board, node, trace } = task;
    const observed = { rollout, board, node, step, ...this.by, ...(trace === undefined ? {} : { trace }) };
    return this.observers.during(observed, () => this.steps[step](task, context));
  }
}
