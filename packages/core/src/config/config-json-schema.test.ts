import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { configJsonSchema } from './config-json-schema.js';
import { CORE_KEYS } from './config-keys.js';
import { defineConfigKey } from './config-keys.js';
import { jsonSchemaOf } from './json-schema-of.js';

const workflow = z.strictObject({ say: z.string() });
type Properties = Readonly<Record<string, Readonly<Record<string, unknown>>>>;
const propertiesOf = (schema: Readonly<Record<string, unknown>>) => schema['properties'] as Properties;

describe('the JSON Schema of a configuration', () => {
  it('has every key of core, and nothing else is allowed', () => {
    const schema = configJsonSchema({ keys: [], workflow });
    expect(Object.keys(propertiesOf(schema)).sort()).toEqual([...CORE_KEYS, 'boards'].sort());
    expect(schema).toMatchObject({
      $schema: 'http://json-schema.org/draft-07/schema#',
      anyOf: [{ required: ['ip'] }, { required: ['boards'] }],
      additionalProperties: false,
    });
  });

  it('has the section of the workflow, and may be without it', () => {
    const schema = configJsonSchema({ keys: [], workflow });
    expect(propertiesOf(schema)['workflow']).toMatchObject({
      required: ['say'],
      additionalProperties: false,
    });
    expect(JSON.stringify(schema['anyOf'])).not.toContain('workflow');
  });

  it('has the keys that plugins bring, whatever their schemas are made with', () => {
    interface Tree {
      readonly inside?: Tree | undefined;
    }
    const tree: z.ZodType<Tree> = z.strictObject({ inside: z.lazy(() => tree).optional() });
    const other = {
      '~standard': { version: 1 as const, vendor: 'other', validate: (value: unknown) => ({ value }) },
    };
    const keys = [
      defineConfigKey({ id: 'rack', title: 'where it is', schema: z.strictObject({ name: z.string() }) }),
      defineConfigKey({ id: 'strange', title: 'of another library', schema: other }),
      defineConfigKey({ id: 'tree', title: 'without an end', schema: tree }),
    ];
    const { rack, strange, tree: recursive } = propertiesOf(configJsonSchema({ keys, workflow }));
    expect(rack).toMatchObject({ description: 'where it is', required: ['name'] });
    expect(strange).toEqual({ description: 'of another library' });
    expect(recursive).toEqual({ description: 'without an end' });
  });

  it('says where a secret may come from, and not what only code can give', () => {
    const { definitions, ...schema } = configJsonSchema({ keys: [], workflow });
    const bmc = propertiesOf(schema)['bmc'] as { properties: Properties };
    const password = JSON.stringify(bmc.properties['password']);
    const said = password.includes('$ref') ? JSON.stringify(definitions) : password;
    expect(said).toContain('"env"');
    expect(JSON.stringify({ schema, definitions })).not.toContain('{}]');
  });

  it('refuses no letters that the schema takes', () => {
    const hex = z.string().regex(/^[0-9a-f]+$/i);
    expect(jsonSchemaOf(hex)).toEqual({ type: 'string' });
    const used = z.object({ one: hex.transform((text) => text.toLowerCase()).optional(), two: hex });
    expect(JSON.stringify(jsonSchemaOf(used))).not.toContain('pattern');
    expect(jsonSchemaOf(z.string().regex(/^[0-9a-f]+$/))).toEqual({ type: 'string', pattern: '^[0-9a-f]+$' });
  });
});
