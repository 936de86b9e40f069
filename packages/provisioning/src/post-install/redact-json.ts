import type { JsonValue } from '@turingpi/core/plugin';

/** What JSON keeps of a value, so that it is the same now and when it is read again, with every text in it redacted. */
export function redactJson(value: JsonValue, redact: (text: string) => string): JsonValue {
  return redacted(JSON.parse(JSON.stringify(value ?? null)) as JsonValue, redact);
}

function redacted(value: JsonValue, redact: (text: string) => string): JsonValue {
  if (typeof value === 'string') return redact(value);
  if (Array.isArray(value)) return (value as JsonValue[]).map((item) => redacted(item, redact));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [redact(key), redacted(member as JsonValue, redact)]),
  );
}
