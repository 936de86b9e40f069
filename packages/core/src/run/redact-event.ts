import type { Redactor } from '../logging/redactor.js';

/**
 * What programs branch on, and names that the configuration gives: no secret gets there, and a short one might be part of
 * it, as the board's default password is of many host names.
 */
const KEPT: ReadonlySet<string> = new Set([
  ...['type', 'at', 'phase', 'hostname', 'board', 'code', 'reason', 'resource', 'action', 'unit'],
  ...['name', 'module', 'os', 'address', 'host', 'computer', 'processStart', 'command', 'version', 'outcome'],
]);

/** An event with every known secret blotted out of its texts, at any depth. The one that is given stays as it is. */
export function redactEvent<E extends object>(event: E, redactor: Redactor): E {
  return redacted(event, redactor) as E;
}

function redacted(value: unknown, redactor: Redactor): unknown {
  if (typeof value === 'string') return redactor.redact(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item: unknown) => redacted(item, redactor));
  return Object.fromEntries(
    Object.entries(value).map(([key, member]: [string, unknown]) => [
      key,
      typeof member === 'string' && KEPT.has(key) ? member : redacted(member, redactor),
    ]),
  );
}
