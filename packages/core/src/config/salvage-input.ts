import { z } from 'zod';
import { unwrap } from './schema-at.js';

/**
 * What can be used of an input that a schema refuses: every part that is right by itself, defaults in place of others.
 *
 * @remarks For finding further errors in one go, never for running: a part that is wrong is missing or a default.
 */
export function salvageInput(schema: unknown, input: unknown): unknown {
  if (!(schema instanceof z.ZodType)) return undefined;
  const whole = schema.safeParse(input);
  if (whole.success) return whole.data;
  const inner = unwrap(schema);
  if (inner instanceof z.ZodObject && isPlainObject(input))
    return Object.fromEntries(
      Object.entries(inner.shape as Record<string, unknown>).map(([key, part]) => [
        key,
        salvageInput(part, input[key]),
      ]),
    );
  // Elements keep their numbers, by which they are named in messages.
  if (inner instanceof z.ZodArray && Array.isArray(input))
    return input.map((element) => {
      const parsed = (inner.element as z.ZodType).safeParse(element);
      return parsed.success ? parsed.data : undefined;
    });
  if (inner instanceof z.ZodRecord && isPlainObject(input))
    return Object.fromEntries(
      Object.entries(input).flatMap(([key, value]) => {
        const parsed = (inner.valueType as z.ZodType).safeParse(value);
        return parsed.success ? [[key, parsed.data]] : [];
      }),
    );
  const missing = schema.safeParse(undefined);
  return missing.success ? missing.data : undefined;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
