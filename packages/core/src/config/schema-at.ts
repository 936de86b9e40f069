import { z } from 'zod';

/** The part of a schema that says what may be at a path; undefined where that cannot be told. */
export function schemaAt(schema: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((at, key) => {
    const current = unwrap(at);
    if (current instanceof z.ZodObject)
      return (current.shape as Record<string, unknown>)[String(key)] ?? current.def.catchall;
    if (current instanceof z.ZodArray) return current.element;
    return current instanceof z.ZodRecord ? current.valueType : undefined;
  }, schema);
}

/** The keys that a schema knows, in any of its forms; none of one that is not of an object. */
export function keysOf(schema: unknown): string[] {
  const own = unwrap(schema);
  if (own instanceof z.ZodObject) return Object.keys(own.shape);
  return [...new Set(branchesOf(own).flatMap(keysOf))];
}

/** The forms of which a schema takes any; none of one that has no several. */
export function branchesOf(schema: unknown): readonly z.ZodType[] {
  const own = unwrap(schema);
  return own instanceof z.ZodUnion ? (own.options as readonly z.ZodType[]) : [];
}

/** A schema without its defaults and options, and before it makes something else of what is written. */
export function unwrap(schema: unknown): unknown {
  let current = schema;
  for (;;)
    if (
      current instanceof z.ZodOptional ||
      current instanceof z.ZodNullable ||
      current instanceof z.ZodDefault ||
      current instanceof z.ZodPrefault
    )
      current = current.unwrap();
    else if (current instanceof z.ZodPipe) current = current.in;
    else return current;
}
