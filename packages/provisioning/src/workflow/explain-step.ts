import { type ConfigIssue, describeIssues } from '@turingpi/core/plugin';
import { z } from 'zod';
import type { PostInstallAction } from '../action/post-install-action.js';
import {
  actionOfStep,
  type DeclarableAction,
  isDeclarable,
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
  const { options = {} } = action;
  const others = known.filter(({ id }) => id in step && id !== action.id && !(id in options));
  if (others.length === 0) return explainOne(step, action);
  const all = [action, ...others];
  const own = Object.entries(step).filter(([key]) => !others.some(({ id }) => id === key));
  return [
    {
      path: [],
      message: `names ${all.map(({ id }) => id).join(' and ')}: a step does one thing, make it several`,
    },
    ...explainOne(Object.fromEntries(own), action),
    ...others.flatMap((other) => explainOne({ [other.id]: step[other.id] }, other)),
  ];
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
