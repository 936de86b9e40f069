import { type JsonValue, PluginError } from '@turingpi/core/plugin';
import { methodNameOf, type PostInstallAction } from '../action/post-install-action.js';

/**
 * What an action says decides its effect, when it is data: of anything else, another value could have the same digest, and
 * the action would count as done.
 *
 * @throws PluginError `PLUGIN_INVALID`
 */
export function asData(inputs: unknown, action: PostInstallAction): JsonValue {
  if (inputs !== undefined && isData(inputs)) return inputs as JsonValue;
  throw new PluginError(
    'PLUGIN_INVALID',
    `the \`inputs\` of ${methodNameOf(action)} are not JSON: what decides it cannot be compared`,
    {
      hint: 'This is a bug of the plugin that brings it: `inputs` returns objects, lists, texts, numbers and booleans.',
    },
  );
}

/**
 * What JSON keeps of an action's result, so that it is the same now and when it is read again; nothing is `null`.
 *
 * @throws PluginError `PLUGIN_INVALID` when JSON can keep nothing of it. The action is done then, and not on record.
 */
export function asRecorded(result: unknown, action: PostInstallAction): JsonValue {
  let text: string | undefined;
  let cause: unknown;
  try {
    text = JSON.stringify(result ?? null); // undefined for a function
  } catch (error) {
    cause = error;
  }
  if (text !== undefined) return JSON.parse(text) as JsonValue;
  throw new PluginError(
    'PLUGIN_INVALID',
    `what ${methodNameOf(action)} returns is not JSON: it was done, but cannot be recorded`,
    { cause, hint: 'This is a bug of the plugin that brings it: `perform` returns JSON, or nothing.' },
  );
}

/** @param within - what holds the value: what holds itself has no end */
function isData(value: unknown, within: readonly unknown[] = []): boolean {
  if (value === null || ['string', 'boolean', 'undefined'].includes(typeof value)) return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || within.includes(value)) return false;
  const members = Array.isArray(value) ? value : Object.values(value);
  const prototype: unknown = Object.getPrototypeOf(value);
  return (
    (Array.isArray(value) || prototype === Object.prototype || prototype === null) &&
    members.every((member) => isData(member, [...within, value]))
  );
}
