import { defineExtensionPoint, type ExtensionPoint } from '../plugin/extension-point.js';
import type { ClusterConfig } from './cluster-config.js';
import { configInputSchema } from './config-input.js';
import type { ConfigKey } from './config-key.js';
import type { StandardSchema } from './standard-schema.js';

/** The keys that core itself knows. */
export const CORE_KEYS: readonly string[] = Object.keys(configInputSchema.shape);

/**
 * Keys of the configuration. They are contributed as objects: a configuration is checked before anything is made from it.
 */
export const CONFIG_KEYS: ExtensionPoint<ConfigKey> = defineExtensionPoint<ConfigKey>({
  key: 'configKeys',
  title: 'configuration key',
  objectsOnly: true,
  check({ id, title, schema }: { id: string; title: unknown; schema: unknown }) {
    if (!/^[a-z][A-Za-z0-9]*$/.test(id)) return 'its `id` is not a name in camel case';
    if (CORE_KEYS.includes(id)) return 'core has a key of this name';
    if (typeof title !== 'string' || title === '') return 'it has no `title`';
    return isStandardSchema(schema) ? undefined : 'its `schema` does not follow Standard Schema, version 1';
  },
});

/** Makes a configuration key whose value has a type: {@link configOf} tells it. */
export function defineConfigKey<T>(key: ConfigKey<T>): ConfigKey<T> {
  return key;
}

/**
 * What a configuration says under a key that a plugin brings, as the key's schema made it.
 *
 * @returns Undefined when the file does not have the key and the schema knows no default, or the key's plugin is not used.
 */
export function configOf<T>(
  { contributed }: Pick<ClusterConfig, 'contributed'>,
  { id }: ConfigKey<T>,
): T | undefined {
  return Object.hasOwn(contributed, id) ? (contributed[id] as T) : undefined; // the schema of the same key has made it
}

function isStandardSchema(schema: unknown): schema is StandardSchema {
  if ((typeof schema !== 'object' && typeof schema !== 'function') || schema === null) return false;
  if (!('~standard' in schema)) return false;
  const { version, validate } = schema['~standard'] as {
    readonly version: unknown;
    readonly validate: unknown;
  };
  return version === 1 && typeof validate === 'function';
}
