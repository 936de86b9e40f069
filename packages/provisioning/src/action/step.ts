import { z } from 'zod';
import type { PostInstallAction } from './post-install-action.js';

/** A step as a configuration file says it: the id of an action as its key, and perhaps options of this action beside it. */
export type Step = Readonly<Record<string, unknown>>;

/** An action that a configuration file can say. */
export type DeclarableAction = PostInstallAction & Required<Pick<PostInstallAction, 'schema'>>;

export function isDeclarable(action: PostInstallAction): action is DeclarableAction {
  return action.schema !== undefined;
}

/** The key beside an action with the steps that are done at the end when it has changed something. */
export const ON_CHANGE = 'onChange';

/**
 * What a step with an action may be.
 *
 * @param handlers - what {@link ON_CHANGE} may be; left out: there is no such key
 */
export function stepSchemaOf({ id, schema, options }: DeclarableAction, handlers?: z.ZodType): z.ZodObject {
  return z.strictObject({ ...options, [id]: schema, ...(handlers && { [ON_CHANGE]: handlers.optional() }) });
}

/** The action that a step names; of several, the one that the other keys are options of. Undefined when it names none. */
export function actionOfStep(
  step: Step,
  actions: readonly PostInstallAction[],
): DeclarableAction | undefined {
  const named = actions.filter(isDeclarable).filter(({ id }) => id in step);
  return (
    named.find(({ id, options = {} }) =>
      Object.keys(step).every((key) => key === id || key === ON_CHANGE || key in options),
    ) ?? named[0]
  );
}

/** What a step that its schema has parsed means to its action. */
export function inputOfStep({ id, options }: PostInstallAction, step: Step): unknown {
  const { [id]: value, [ON_CHANGE]: _handlers, ...given } = step;
  return options === undefined ? value : { ...(value as object), ...given };
}
