import type { JsonValue } from '@turingpi/core/plugin';

/** A value of JSON with every text in it redacted. */
export function redactJson(value: JsonValue, redact: (text: string) => string): JsonValue {
  if (typeof value === 'string') return redact(value);
  if (Array.isArray(value)) return (value as JsonValue[]).map((item) => redactJson(item, redact));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [redact(key), redactJson(member as JsonValue, redact)]),
  );
}
