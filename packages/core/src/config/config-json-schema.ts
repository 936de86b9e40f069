import { HOST_LABEL } from '@turingpi/foundation';
import type { z } from 'zod';
import { configInputSchema } from './config-input.js';
import { SAID_FOR_ALL } from './split-boards.js';
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
  const { properties, required, ...own } = jsonSchemaOf(
    configInputSchema.extend({ workflow: workflow.optional() }),
    {
      reused: 'ref',
    },
  );
  const contributed = keys.map(({ id, title, schema }): [string, JsonSchema] => [
    id,
    { description: title, ...selfContained(jsonSchemaOf(schema)) },
  ]);
  const all = { ...(properties as JsonSchema), ...Object.fromEntries(contributed) };
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'turingpi.yaml',
    ...own,
    properties: { ...all, boards: boardsSchema(all, required) },
    anyOf: [{ required }, { required: ['boards'] }],
  };
}

/** Several boards by name: each has the keys that are not said for all. */
function boardsSchema(keys: JsonSchema, required: unknown): JsonSchema {
  const own = Object.entries(keys).filter(([key]) => !SAID_FOR_ALL.includes(key));
  const properties = Object.fromEntries(own);
  return {
    description: 'several boards by name, each with what is said of one',
    type: 'object',
    minProperties: 1,
    propertyNames: { pattern: HOST_LABEL.source },
    additionalProperties: { type: 'object', properties, required, additionalProperties: false },
  };
}

/** One that refers to its own parts cannot stand inside another: its value may then be anything. */
function selfContained(schema: JsonSchema): JsonSchema {
  return JSON.stringify(schema).includes('"$ref"') ? {} : schema;
}
