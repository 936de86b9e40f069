import { expect, it } from 'vitest';
import { type ConfigKeySubject, configKeyCases } from './config-key-cases.js';

type Validate = (
  value: unknown,
) => { value: unknown } | { issues: { message: string; path?: PropertyKey[] }[] };

/** A key whose value is `{ name: text }`. */
const right: Validate = (value) => {
  if (value === undefined) return { issues: [{ message: 'is required' }] };
  if (typeof value !== 'object' || value === null || !('name' in value) || typeof value.name !== 'string')
    return { issues: [{ message: 'is no name', path: ['name'] }] };
  return { value: { name: value.name } };
};
const keyOf = (validate: Validate, id = 'shelf') => ({
  id,
  title: 'where it stands',
  schema: { '~standard': { version: 1 as const, vendor: 'test', validate } },
});
const subjectOf = (key: ReturnType<typeof keyOf>): ConfigKeySubject => ({
  key,
  valid: [{ name: 'A' }],
  invalid: [{ value: { name: 5 }, at: ['name'] }],
});

/** The names of the cases that a subject does not pass. */
async function failing(subject: ConfigKeySubject): Promise<string[]> {
  const names: string[] = [];
  for (const { name, run } of configKeyCases(subject)) await run().catch(() => names.push(name));
  return names;
}

it('takes a key that keeps the contract', async () => {
  expect(await failing(subjectOf(keyOf(right)))).toEqual([]);
});

let calls = 0;
it.each<[string, ConfigKeySubject, RegExp]>([
  ['whose name is not in camel case', subjectOf(keyOf(right, 'my-shelf')), /camel case/],
  ['without a title', subjectOf({ ...keyOf(right), title: '' }), /camel case/],
  [
    'that refuses what is right',
    subjectOf(keyOf(() => ({ issues: [{ message: 'no' }] }))),
    /takes what is right/,
  ],
  ['that takes everything', subjectOf(keyOf((value) => ({ value }))), /refuses what is wrong/],
  [
    'that does not say where',
    {
      ...subjectOf(keyOf((value) => (value === 1 ? { value } : { issues: [{ message: 'no' }] }))),
      valid: [1],
      invalid: [{ value: { a: { b: 1 } }, at: ['a', 'b'] }],
    },
    /refuses what is wrong/,
  ],
  [
    'that throws for what it does not expect',
    subjectOf(keyOf((value) => (value === null ? (value as never as { x: never }).x : right(value)))),
    /throws for nothing/,
  ],
  [
    'that needs to be there',
    subjectOf(
      keyOf((value) => {
        if (value === undefined) throw new Error('needed');
        return right(value);
      }),
    ),
    /without the key/,
  ],
  [
    'that changes what is written',
    subjectOf(keyOf((value) => right(Object.assign(value ?? {}, { seen: (calls += 1) })))),
    /leaves what is written/,
  ],
])('catches a key %s', async (_what, subject, name) => {
  expect(await failing(subject)).toEqual(expect.arrayContaining([expect.stringMatching(name)]));
});

it('wants to be told what is right and what is wrong', async () => {
  expect(await failing({ key: keyOf(right), valid: [], invalid: [] })).toHaveLength(2);
});
