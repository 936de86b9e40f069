import { describeIssues, IN_PLAIN_WORDS } from '@turingpi/core/plugin';
import { z } from 'zod';
import { ProvisioningError } from '../provisioning-error.js';
import { methodNameOf, type PostInstallAction } from './post-install-action.js';
import { inputOfStep, isDeclarable, stepSchemaOf } from './step.js';

/**
 * The input of an action that code has given as a configuration file would say it.
 *
 * @param value - what would stand under the action's key
 * @param options - what would stand beside it
 * @throws ProvisioningError `ACTION_INPUT_INVALID` with everything that is wrong, each at its place.
 */
export function parseInput(action: PostInstallAction, value: unknown, options: object = {}): unknown {
  if (!isDeclarable(action)) return value;
  const schema = stepSchemaOf(action);
  const parsed = schema.safeParse({ ...options, [action.id]: value }, IN_PLAIN_WORDS);
  if (parsed.success) return inputOfStep(action, parsed.data);
  const issues = describeIssues(parsed.error.issues, schema).map(({ path, message }) => ({
    key: z.core.toDotPath(path),
    message,
  }));
  const told = issues.map(({ key, message }) => `\`${key}\` ${message}`).join('; ');
  throw new ProvisioningError('ACTION_INPUT_INVALID', `${methodNameOf(action)}: ${told}`, {
    hint: `This action ${action.title}; it takes what a step of a configuration file has.`,
    details: { issues },
  });
}
