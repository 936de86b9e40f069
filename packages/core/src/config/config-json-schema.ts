import type { z } from 'zod';
import { configInputSchema } from './config-input.js';
import type { ConfigKey } from './config-key.js';
import { type JsonSchema, jsonSchemaOf } from './json-schema-of.js';

/**
 * The JSON Schema of a configuration file.
 *
 * @param parts - `keys`: those that plugins bring; `workflow`: the schema of this section
 */
export function configJsonSchema({
  keys,
  workflow,
}: {
  readonly keys: readonly ConfigKey[];
  readonly workflow: z.ZodType;
}): JsonSchema {
  const { properties, ...own } = jsonSchemaOf(configInputSchema.extend({ workflow: workflow.optional() }), {
    reused: 'ref',
  });
  const contributed = keys.map(({ id, title, schema }): [string, JsonSchema] => [
    id,
    { description: title, ...selfContained(jsonSchemaOf(schema)) },
  ]);
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'turingpi.yaml',
    ...own,
    properties: { ...(properties as JsonSchema), ...Object.fromEntries(contributed) },
  };
}

/** One that refers to its own parts cannot stand inside another: its value may then be anything. */
function selfContained(schema: JsonSchema): JsonSchema {
  return JSON.stringify(schema).includes('"$ref"') ? {} : schema;
}
