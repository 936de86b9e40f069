import type { JsonValue } from '@turingpi/core/plugin';
import { needsRoot, type PostInstallAction } from '../action/post-install-action.js';
import { actionOfStep, inputOfStep, ON_CHANGE, type Step } from '../action/step.js';
import { TuringPiError } from '@turingpi/foundation';
import type { PerformAction } from '../post-install/post-install-callback.js';
import { StepError } from './step-error.js';

/** A step of a configuration file with the action that it names. */
export interface PlannedStep {
  readonly action: PostInstallAction;
  readonly input: unknown;
  /** What is done at the end when it has changed something. */
  readonly handlers: readonly PlannedStep[];
  /** Where it is written, as in `turingpi.yaml:12:7`; undefined when nobody knows. */
  readonly place: string | undefined;
}

/** Tells where a step of a list is written, by its number and what follows it. */
export type PlaceOfStep = (keys: readonly PropertyKey[]) => string | undefined;

/** The actions that steps name, in order. */
export function stepsOf(
  steps: readonly Step[],
  actions: readonly PostInstallAction[],
  placeOf: PlaceOfStep = () => undefined,
): readonly PlannedStep[] {
  return steps.flatMap((step, index) => {
    const action = actionOfStep(step, actions);
    if (action === undefined) return [];
    const handlers = stepsOf((step[ON_CHANGE] ?? []) as readonly Step[], actions, (keys) =>
      placeOf([index, ON_CHANGE, ...keys]),
    );
    return { action, input: inputOfStep(action, step), handlers, place: placeOf([index]) };
  });
}

/** Whether a step, or what is done after it, works as root. */
export function stepNeedsRoot({ action, input, handlers }: PlannedStep): boolean {
  return needsRoot(action, input) || handlers.some(stepNeedsRoot);
}

/**
 * Does steps in their order, then what is to be done after those that have changed something: equal steps once, in the order
 * in which they are first named.
 *
 * @remarks What steps have changed is on record with them: a run that was stopped in between does it as well.
 * @param onDone - told of each that was done
 * @throws StepError for one that fails and whose place is known
 */
export async function performSteps(
  steps: readonly PlannedStep[],
  perform: PerformAction,
  baseDir: string,
  onDone: (step: PlannedStep) => void = () => undefined,
): Promise<void> {
  const due = new Map<string, PlannedStep>();
  for (const step of steps) {
    const result = await performOne(step);
    if (!hasChanged(result)) continue;
    for (const handler of step.handlers) {
      const key = JSON.stringify([handler.action.id, handler.input]);
      if (!due.has(key)) due.set(key, handler);
    }
  }
  for (const handler of due.values()) await performOne(handler);

  async function performOne(step: PlannedStep): Promise<JsonValue | undefined> {
    const { action, input, place } = step;
    try {
      const result = await perform(action.id, input, baseDir);
      onDone(step);
      return result;
    } catch (error) {
      if (place === undefined || !TuringPiError.is(error)) throw error;
      throw new StepError(error, place);
    }
  }
}

/** An action that does not tell was done; in a plan every one that is not on record is taken to change something. */
function hasChanged(result: JsonValue | undefined): boolean {
  return (result as { readonly changed?: unknown } | null | undefined)?.changed !== false;
}
