import type { BoardSteps, StepContext, StepName, StepResult, StepTask } from './board-steps.js';

/** Has another one do the steps, and does something around each; a plan only looks, and is passed on. */
export abstract class StepsAround implements BoardSteps {
  constructor(protected readonly steps: BoardSteps) {}

  plan(...[task, context]: Parameters<BoardSteps['plan']>): ReturnType<BoardSteps['plan']> {
    return this.steps.plan(task, context);
  }

  customise(task: StepTask, context: StepContext): Promise<StepResult> {
    return this.around('customise', task, context);
  }

  install(task: StepTask, context: StepContext): Promise<StepResult> {
    return this.around('install', task, context);
  }

  postInstall(task: StepTask, context: StepContext): Promise<StepResult> {
    return this.around('postInstall', task, context);
  }

  /** Does a step, with what belongs around it. */
  protected abstract around(step: StepName, task: StepTask, context: StepContext): Promise<StepResult>;
}
