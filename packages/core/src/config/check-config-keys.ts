import type { z } from 'zod';
import { type ConfigIssue, describeIssues, isMisspelt, unknownKey } from './describe-issues.js';
import type { ConfigKey } from './config-key.js';
import { CORE_KEYS } from './config-keys.js';
import { IN_PLAIN_WORDS, MISSING } from './plain-words.js';
import type { SchemaIssue, SchemaResult, StandardSchema } from './standard-schema.js';

/** What is said under keys that are not core's own, checked. */
export interface CheckedKeys {
  /** By key, as the schemas made it. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly issues: readonly ConfigIssue[];
  /** The keys that nobody knows. */
  readonly unknown: readonly ConfigIssue[];
}

/**
 * Checks the keys of a configuration that are not core's own.
 *
 * @param rest - those keys with what is said there
 * @param keys - what plugins bring
 * @param isWhole - false for a board of several, which has no `boards` in turn
 */
export async function checkConfigKeys(
  rest: Readonly<Record<string, unknown>>,
  keys: readonly ConfigKey[],
  isWhole = true,
): Promise<CheckedKeys> {
  const known = [...CORE_KEYS, ...(isWhole ? [BOARDS] : []), ...keys.map(({ id }) => id)];
  const unknown = Object.keys(rest)
    .filter((name) => keys.every(({ id }) => id !== name))
    .map((name) => (name === BOARDS ? SEVERAL_BOARDS : unknownKey([name], known)));
  const issues: ConfigIssue[] = [];
  const values: Record<string, unknown> = {};
  for (const key of keys) {
    const isWritten = Object.hasOwn(rest, key.id);
    const checked = await checkSchema([key.id], key.schema, isWritten ? rest[key.id] : undefined);
    if ('value' in checked) {
      if (checked.value !== undefined) values[key.id] = checked.value;
    } else if (isWritten) issues.push(...checked.issues);
  }
  return { values: Object.freeze(values), issues, unknown };
}

/**
 * What is wrong in core's own keys and in the others, together. Who writes `board` for `boards` has no address missing.
 *
 * @param own - of core's own keys
 */
export function withKeys(
  own: readonly ConfigIssue[],
  { issues, unknown }: Pick<CheckedKeys, 'issues' | 'unknown'>,
): ConfigIssue[] {
  const several = unknown.some((issue) => isMisspelt(issue, [], BOARDS));
  const kept = several ? own.filter(({ path, message }) => !isOfOneBoard(path, message)) : own;
  return [...kept, ...issues, ...unknown];
}

function isOfOneBoard(path: readonly PropertyKey[], message: string): boolean {
  return path.length === 0 || (path[0] === 'ip' && message === MISSING);
}

/** The key that has several boards, which are taken apart before each is checked. */
const BOARDS = 'boards';

/** A configuration of several boards where that of one is expected. */
const SEVERAL_BOARDS: ConfigIssue = {
  path: [BOARDS],
  message: 'are several boards, where one is expected',
  hint: 'In code, createBoardSet opens them.',
};

/**
 * Checks a value by a schema that a plugin brings.
 *
 * @param path - where the value is in the configuration
 */
export async function checkSchema(
  path: readonly string[],
  schema: StandardSchema,
  value: unknown,
): Promise<{ readonly value: unknown } | { readonly issues: readonly ConfigIssue[] }> {
  try {
    const result = await validated(schema, value);
    if (result.issues === undefined) return { value: result.value };
    return { issues: described(path, schema, result.issues) };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const message = `could not be checked by the plugin that brings it: ${why}`;
    return { issues: [{ path, message, code: 'PLUGIN_INVALID' }] };
  }
}

/** Zod's schemas are asked in our words; of other libraries the specification has the words theirs. */
async function validated(schema: StandardSchema, value: unknown): Promise<SchemaResult<unknown>> {
  const { safeParseAsync: ask } = schema as Partial<z.ZodType>;
  if (schema['~standard'].vendor !== 'zod' || ask === undefined) return schema['~standard'].validate(value);
  const { success, data, error } = await ask(value, IN_PLAIN_WORDS);
  return success ? { value: data } : { issues: error.issues };
}

/** With zod's more can be said than the specification has: which key is unknown, and what was probably meant. */
function described(
  place: readonly string[],
  schema: StandardSchema,
  issues: readonly SchemaIssue[],
): ConfigIssue[] {
  const own = issues.map(({ path = [], ...issue }) => ({
    ...issue,
    path: path.map((step) => (typeof step === 'object' ? step.key : step)),
  }));
  const found =
    schema['~standard'].vendor === 'zod'
      ? // Of another copy of zod, perhaps: what is not understood there is told by its message.
        describeIssues(own as unknown as z.core.$ZodIssue[], schema as unknown as z.ZodType)
      : own.map(({ path, message }) => ({ path, message }));
  return found.map((issue) => ({ ...issue, path: [...place, ...issue.path] }));
}
