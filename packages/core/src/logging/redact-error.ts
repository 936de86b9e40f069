import type { Redactor } from './redactor.js';

/** What programs branch on; no secret gets there, and a short one might be part of it. */
const KEPT: readonly PropertyKey[] = ['code', 'name'];

/**
 * Blots every known secret out of an error that is about to be shown: its own texts, its `details`, and those of all
 * errors underneath.
 *
 * @returns The same error. It is changed in place, so that its class and identity, on which callers branch, stay.
 */
export function redactError(error: unknown, redactor: Redactor, seen = new Set<unknown>()): unknown {
  if (!(error instanceof Error) || seen.has(error)) return error;
  seen.add(error);
  for (const key of Reflect.ownKeys(error)) {
    const value: unknown = Reflect.get(error, key);
    if (KEPT.includes(key)) continue;
    const clean = redactValue(value, redactor, seen);
    // One that is frozen stays as it is: to throw here would hide what it reports.
    if (clean !== value) Reflect.set(error, key, clean);
  }
  return error;
}

/** What a line of a log says besides its message, without any known secret. Errors in it are changed in place. */
export function redactedFields(fields: object, redactor: Redactor): object {
  return redactValue(fields, redactor, new Set()) as object;
}

/** Plain data is copied where it changes: it may belong to somebody else. */
function redactValue(value: unknown, redactor: Redactor, seen: Set<unknown>): unknown {
  if (typeof value === 'string') return redactor.redact(value);
  if (value instanceof Error) return redactError(value, redactor, seen);
  if (typeof value !== 'object' || value === null || seen.has(value)) return value;
  const isList = Array.isArray(value);
  if (!isList && Object.getPrototypeOf(value) !== Object.prototype) return value;
  seen.add(value);
  const entries = Object.entries(value).map(
    ([key, member]: [string, unknown]) => [key, member, redactValue(member, redactor, seen)] as const,
  );
  if (entries.every(([, before, after]) => before === after)) return value;
  return isList ? entries.map(([, , after]) => after) : Object.fromEntries(entries.map(([k, , v]) => [k, v]));
}
