import type { PostInstallAction } from '../action/post-install-action.js';
import { actionOfStep, inputOfStep, type Step } from '../action/step.js';

/** A step of a configuration file with the action that it names. */
export interface PlannedStep {
  readonly action: PostInstallAction;
  readonly input: unknown;
}

/** The actions that steps name, in order. */
export function stepsOf(
  steps: readonly Step[],
  actions: readonly PostInstallAction[],
): readonly PlannedStep[] {
  return steps.flatMap((step) => {
    const action = actionOfStep(step, actions);
    return action === undefined ? [] : [{ action, input: inputOfStep(action, step) }];
  });
}
