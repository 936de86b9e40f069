import { type ConfigIssue, describeIssues, IN_PLAIN_WORDS, unknownKey } from '@turingpi/core/plugin';
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
  return explain(step, actions.filter(isDeclarable), unknown, { [ON_CHANGE]: z.unknown().optional() });
}

/** @param beside - what may stand beside every action */
function explain(
  step: unknown,
  known: readonly DeclarableAction[],
  unknown: (issue: ConfigIssue) => ConfigIssue,
  beside: z.ZodRawShape,
): readonly ConfigIssue[] {
  if (!isStep(step) || Object.keys(step).length === 0) return [expectedOne(known)];
  const action = actionOfStep(step, known);
  if (action === undefined) return namelessStep(step, known, Object.keys(beside), unknown);
  const { [ON_CHANGE]: handlers, ...one } = step;
  const ofHandlers = explainHandlers(handlers, known, unknown);
  const { options = {} } = action;
  const others = known.filter(({ id }) => id in step && id !== action.id && !(id in options));
  if (others.length === 0) return [...explainOne(one, action, beside), ...ofHandlers];
  const all = [action, ...others];
  const own = Object.entries(one).filter(([key]) => !others.some(({ id }) => id === key));
  return [
    {
      path: [],
      message: `names ${all.map(({ id }) => id).join(' and ')}: a step does one thing, make it several`,
    },
    ...explainOne(Object.fromEntries(own), action, beside),
    ...others.flatMap((other) => explainOne({ [other.id]: step[other.id] }, other, beside)),
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
      : explain(handler, known, unknown, {});
    return issues.map((issue) => ({ ...issue, path: [ON_CHANGE, index, ...issue.path] }));
  });
}

function explainOne(step: Step, action: DeclarableAction, beside: z.ZodRawShape): readonly ConfigIssue[] {
  const schema = stepSchemaOf(action).extend(beside);
  const parsed = schema.safeParse(step, IN_PLAIN_WORDS);
  return parsed.success ? [] : describeIssues(parsed.error.issues, schema);
}

/** What is said of a step that names no action: every key that is none, with the one that may be meant. */
function namelessStep(
  step: Step,
  known: readonly DeclarableAction[],
  beside: readonly string[],
  unknown: (issue: ConfigIssue) => ConfigIssue,
): readonly ConfigIssue[] {
  const options = [...known.flatMap((action) => Object.keys(action.options ?? {})), ...beside];
  const names = [...new Set([...known.map(({ id }) => id), ...options])];
  const nobodys = Object.keys(step).filter((key) => !options.includes(key));
  if (nobodys.length === 0)
    return [{ ...expectedOne(known), message: `names no action: ${expectedOne(known).message}` }];
  return nobodys.map((key) => unknown(unknownKey([key], names)));
}

function expectedOne(known: readonly DeclarableAction[]): ConfigIssue {
  return { path: [], message: `expected one of ${known.map(({ id }) => id).join(', ')}` };
}

function isStep(value: unknown): value is Step {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
