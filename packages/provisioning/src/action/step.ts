import { z } from 'zod';
import type { PostInstallAction } from './post-install-action.js';

/** A step as a configuration file says it: the id of an action as its key, and perhaps options of this action beside it. */
export type Step = Readonly<Record<string, unknown>>;

/** An action that a configuration file can say. */
export type DeclarableAction = PostInstallAction & Required<Pick<PostInstallAction, 'schema'>>;

export function isDeclarable(action: PostInstallAction): action is DeclarableAction {
  return action.schema !== undefined;
}

/** What a step with an action may be. */
export function stepSchemaOf({ id, schema, options }: DeclarableAction): z.ZodObject {
  return z.strictObject({ ...options, [id]: schema });
}

/** The action that a step names; of several, the one that the other keys are options of. Undefined when it names none. */
export function actionOfStep(
  step: Step,
  actions: readonly PostInstallAction[],
): DeclarableAction | undefined {
  const named = actions.filter(isDeclarable).filter(({ id }) => id in step);
  return (
    named.find(({ id, options = {} }) => Object.keys(step).every((key) => key === id || key in options)) ??
    named[0]
  );
}

/** What a step that its schema has parsed means to its action. */
export function inputOfStep({ id, options }: PostInstallAction, step: Step): unknown {
  const { [id]: value, ...given } = step;
  return options === undefined ? value : { ...(value as object), ...given };
}
