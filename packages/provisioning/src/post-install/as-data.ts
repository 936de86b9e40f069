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

function isData(value: unknown): boolean {
  if (value === null || ['string', 'boolean', 'undefined'].includes(typeof value)) return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (Array.isArray(value)) return value.every(isData);
  if (typeof value !== 'object') return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return (prototype === Object.prototype || prototype === null) && Object.values(value).every(isData);
}
