import { z } from 'zod';

/** A JSON Schema, draft 7: what editors understand best. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** Formats that JSON Schema knows; zod has more. */
const FORMATS: readonly unknown[] = ['uri', 'date', 'date-time', 'email', 'ipv4', 'ipv6', 'uuid'];

/**
 * What people may write where a schema is asked, as JSON Schema.
 *
 * @remarks What JSON Schema cannot say, such as that a text is an address, is left out: the schema helps to write, and
 * `turingpi validate` checks.
 * @param schema - of zod, also of another copy; of anything else, or of what zod cannot tell, comes a schema that takes all
 * @param options - `reused: 'ref'`: what occurs several times is said once, under `definitions` of this schema
 */
export function jsonSchemaOf(
  schema: unknown,
  { reused = 'inline' }: { readonly reused?: 'inline' | 'ref' } = {},
): JsonSchema {
  try {
    const { $schema: _, ...made } = z.toJSONSchema(schema as z.ZodType, {
      target: 'draft-7',
      io: 'input',
      unrepresentable: 'any',
      reused,
      override: ({ zodSchema, jsonSchema }) => {
        if (!ignoresCase(zodSchema._zod.def.checks)) return;
        delete jsonSchema.pattern;
        delete jsonSchema.allOf;
      },
    });
    return representable(made) as JsonSchema;
  } catch {
    return {};
  }
}

/** JSON Schema has no patterns that take small and capital letters alike. */
function ignoresCase(checks: readonly z.core.$ZodCheck[] = []): boolean {
  return checks.some((check) => {
    const { pattern } = check._zod.def as { readonly pattern?: unknown };
    return pattern instanceof RegExp && pattern.ignoreCase;
  });
}

/** Without alternatives that only code can give, such as a `Secret`: to JSON Schema they take everything. */
function representable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(representable);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).flatMap(([key, member]: [string, unknown]): [string, unknown][] => {
    if (key === 'format' && typeof member === 'string' && !FORMATS.includes(member)) return [];
    if (key === 'anyOf' && Array.isArray(member))
      return [[key, representable(member.filter((one) => !takesEverything(one)))]];
    return [[key, representable(member)]];
  });
  return Object.fromEntries(entries);
}

function takesEverything(schema: unknown): boolean {
  return typeof schema === 'object' && schema !== null && Object.keys(schema).length === 0;
}
