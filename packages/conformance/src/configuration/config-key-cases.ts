import assert from 'node:assert/strict';
import type { ConfigKey } from '@turingpi/core/plugin';
import type { ConformanceCase } from '../conformance-case.js';

/** What the suite for configuration keys needs: the key, and what may and may not be written there. */
export interface ConfigKeySubject {
  readonly key: ConfigKey;
  /** At least one value that is right. */
  readonly valid: readonly unknown[];
  /** At least one value that is not, with the place inside it that is wrong: `['racks', 0, 'height']`. */
  readonly invalid: readonly { readonly value: unknown; readonly at: readonly PropertyKey[] }[];
}

/** What somebody may write there by mistake. */
const ODD_VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  '',
  'text',
  [],
  [null],
  {},
  { a: { b: [1] } },
];

/**
 * What every configuration key must do.
 *
 * @remarks Use with any runner: `for (const { name, run } of configKeyCases(subject)) it(name, run);`
 */
export function configKeyCases({ key, valid, invalid }: ConfigKeySubject): ConformanceCase[] {
  const validate = async (value: unknown) => await key.schema['~standard'].validate(value);
  const as = (name: string, work: () => unknown): ConformanceCase => ({
    name,
    run: async () => {
      await work();
    },
  });
  return [
    as('is a name in camel case, and says what is written there', () => {
      assert.match(key.id, /^[a-z][A-Za-z0-9]*$/);
      assert.ok(key.title.length > 0);
    }),
    as('has a schema that follows Standard Schema, version 1', () => {
      const { version, vendor } = key.schema['~standard'];
      assert.equal(version, 1);
      assert.ok(vendor.length > 0);
    }),
    as('takes what is right', async () => {
      assert.ok(valid.length > 0);
      for (const value of valid) assert.equal((await validate(value)).issues, undefined, shown(value));
    }),
    as('refuses what is wrong, with a sentence and the place', async () => {
      assert.ok(invalid.length > 0);
      for (const { value, at } of invalid) {
        const { issues = [] } = await validate(value);
        assert.ok(issues.length > 0, `${shown(value)} was taken`);
        for (const { message } of issues) assert.ok(message.length > 0);
        const places = issues.map(({ path = [] }) =>
          path.map((step) => (typeof step === 'object' ? step.key : step)),
        );
        // Of an unknown key the object around it is the place.
        const isTold = places.some((place) => commonLength(place, at) >= at.length - 1);
        assert.ok(isTold, `${shown(value)}: nothing is said of ${at.map(String).join('.')}`);
      }
    }),
    as('answers for whatever is written there, and throws for nothing', async () => {
      for (const value of ODD_VALUES) await assert.doesNotReject(validate(value), shown(value));
    }),
    as('lets a file without the key be: it has a default, or says that there is no value', async () => {
      await assert.doesNotReject(validate(undefined));
    }),
    as('makes the same of the same, and leaves what is written as it is', async () => {
      for (const value of valid) {
        const before = structuredClone(value);
        const [first, second] = [await validate(value), await validate(value)];
        assert.deepEqual(first, second);
        assert.deepEqual(value, before);
      }
    }),
  ];
}

function commonLength(one: readonly PropertyKey[], other: readonly PropertyKey[]): number {
  const differs = other.findIndex(
    (step, index) => index >= one.length || String(step) !== String(one[index]),
  );
  return differs === -1 ? other.length : differs;
}

function shown(value: unknown): string {
  return JSON.stringify(value);
}
