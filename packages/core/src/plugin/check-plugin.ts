import { docsPage } from '@turingpi/foundation';
import { z } from 'zod';
import { PluginError } from '../errors/plugin-error.js';
import { isPlugin, type Plugin, PLUGIN_API_VERSION } from './define-plugin.js';

const aClass = z.custom<object>((value) => typeof value === 'function', 'expected a class');
const aFunction = z.custom<object>((value) => typeof value === 'function', 'expected a function');
const contributed = z.array(
  z.custom<object>(
    (value) => typeof value === 'function' || (typeof value === 'object' && value !== null),
    'expected a class or an object',
  ),
  'expected a list of contributions to an extension point',
);
const token = z.custom<symbol>(
  (value) => typeof value === 'symbol',
  'expected a token, made with createToken()',
);
/**
 * What TypeScript checks for plugins in TypeScript; those in JavaScript have only this. Any other key is that of an extension
 * point.
 */
const definition = z
  .object({
    name: z.string('expected the name of the package').min(1),
    version: z.string().optional(),
    apiVersion: z.number(),
    extensionPoints: z.array(z.object({ key: z.string().min(1), title: z.string().min(1) })).optional(),
    start: aFunction.optional(),
    services: z
      .array(
        z.union(
          [z.object({ token, useClass: aClass }), z.object({ token, useValue: z.unknown() })],
          'expected { token, useClass } or { token, useValue }',
        ),
      )
      .optional(),
    requires: z.array(z.custom<Plugin>(isPlugin, 'expected a plugin')).optional(),
    hooks: z
      .object({
        onEvent: aFunction.optional(),
        afterRun: aFunction.optional(),
      })
      .optional(),
  })
  .catchall(contributed);

/**
 * Checks a value that should be a plugin, and the plugins that it requires.
 *
 * @param origin - where it comes from, for messages
 * @throws PluginError `PLUGIN_INVALID` when it is none, `PLUGIN_API_MISMATCH` when it is made for another plugin API.
 */
export function checkPlugin(value: unknown, origin: string): Plugin {
  checkOne(value, origin, new Set());
  return value as Plugin;
}

function checkOne(value: unknown, origin: string, seen: Set<unknown>): void {
  if (seen.has(value)) return;
  seen.add(value);
  if (!isPlugin(value))
    throw new PluginError('PLUGIN_INVALID', `the default export of ${origin} is not a plugin`, {
      hint: 'Export the result of definePlugin() from @turingpi/core/plugin as default.',
    });
  assertApiVersion(value.name, value.apiVersion);
  const checked = definition.safeParse(value);
  if (!checked.success) {
    const [issue] = checked.error.issues;
    throw new PluginError(
      'PLUGIN_INVALID',
      `the plugin of ${origin} is not valid: ${z.core.toDotPath(issue?.path ?? [])}: ${issue?.message ?? ''}`,
      { cause: checked.error, hint: `What definePlugin() takes is in ${docsPage('writing-a-plugin')}.` },
    );
  }
  for (const required of value.requires ?? [])
    checkOne(required, `${required.name}, required by ${origin}`, seen);
}

/** @throws PluginError `PLUGIN_API_MISMATCH`. */
export function assertApiVersion(name: string, api: number): void {
  if (api === PLUGIN_API_VERSION) return;
  throw new PluginError(
    'PLUGIN_API_MISMATCH',
    `the plugin ${name} is made for plugin API ${api}; this core has ${PLUGIN_API_VERSION}`,
    {
      hint:
        api > PLUGIN_API_VERSION
          ? `Install a newer @turingpi/core, or an older ${name}.`
          : `Install a newer ${name}.`,
    },
  );
}
