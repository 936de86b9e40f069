import { type ConfigIssue, describeIssues } from '@turingpi/core/plugin';
import { z } from 'zod';
import type { PostInstallAction } from '../action/post-install-action.js';
import {
  actionOfStep,
  type DeclarableAction,
  isDeclarable,
  ON_CHANGE,
  type Step,
  stepSchemaOf,
} from '../action/step.js';

/**
 * Says what is wrong with one post-install step, all of it. Paths start in the step.
 *
 * @param unknown - makes the issue of a key that names no action: default, as it is
 */
export function explainStep(
  step: unknown,
  actions: readonly PostInstallAction[],
  unknown: (issue: ConfigIssue) => ConfigIssue = (issue) => issue,
): readonly ConfigIssue[] {
  const known = actions.filter(isDeclarable);
  if (!isStep(step) || Object.keys(step).length === 0)
    return [{ path: [], message: `expected one of ${known.map(({ id }) => id).join(', ')}` }];
  const action = actionOfStep(step, known);
  if (action === undefined) return unknownKeys(step, known).map(unknown);
  const { [ON_CHANGE]: handlers, ...one } = step;
  const ofHandlers = explainHandlers(handlers, known, unknown);
  const { options = {} } = action;
  const others = known.filter(({ id }) => id in step && id !== action.id && !(id in options));
  if (others.length === 0) return [...explainOne(one, action), ...ofHandlers];
  const all = [action, ...others];
  const own = Object.entries(one).filter(([key]) => !others.some(({ id }) => id === key));
  return [
    {
      path: [],
      message: `names ${all.map(({ id }) => id).join(' and ')}: a step does one thing, make it several`,
    },
    ...explainOne(Object.fromEntries(own), action),
    ...others.flatMap((other) => explainOne({ [other.id]: step[other.id] }, other)),
    ...ofHandlers,
  ];
}

/** What is wrong with the steps that are done when another one has changed something; they have none themselves. */
function explainHandlers(
  handlers: unknown,
  known: readonly DeclarableAction[],
  unknown: (issue: ConfigIssue) => ConfigIssue,
): readonly ConfigIssue[] {
  if (handlers === undefined) return [];
  if (!Array.isArray(handlers) || handlers.length === 0)
    return [{ path: [ON_CHANGE], message: 'expected a list of steps' }];
  return handlers.flatMap((handler: unknown, index) => {
    const isNested = isStep(handler) && ON_CHANGE in handler;
    const issues: readonly ConfigIssue[] = isNested
      ? [{ path: [ON_CHANGE], message: 'is only for the step itself, and not for what is done after it' }]
      : explainStep(handler, known, unknown);
    return issues.map((issue) => ({ ...issue, path: [ON_CHANGE, index, ...issue.path] }));
  });
}

function explainOne(step: Step, action: DeclarableAction): readonly ConfigIssue[] {
  const schema = stepSchemaOf(action);
  const parsed = schema.safeParse(step);
  return parsed.success ? [] : describeIssues(parsed.error.issues, schema);
}

/** Every key of a step that names no action, with the action that may be meant. */
function unknownKeys(step: Step, known: readonly DeclarableAction[]): readonly ConfigIssue[] {
  const schema = z.strictObject(Object.fromEntries(known.map(({ id }) => [id, z.unknown().optional()])));
  return describeIssues(schema.safeParse(step).error?.issues ?? [], schema);
}

function isStep(value: unknown): value is Step {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
