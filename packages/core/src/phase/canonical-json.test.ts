import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, hashInputs } from './canonical-json.js';
import type { JsonValue } from './phase.js';

/** The same value with every object's keys in another order. */
function shuffled(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map((item: JsonValue) => shuffled(item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, item]) => [key, shuffled(item as JsonValue)]),
  );
}

describe('canonicalJson', () => {
  it('is JSON that says the same', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonicalJson(value as JsonValue))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('does not depend on the order of keys', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(canonicalJson(shuffled(value as JsonValue))).toBe(canonicalJson(value as JsonValue));
      }),
    );
  });

  it('tells different values apart', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        // isDeepStrictEqual tells 0 from -0, JSON does not: compare what JSON says.
        const equal = isDeepStrictEqual(JSON.parse(JSON.stringify(a)), JSON.parse(JSON.stringify(b)));
        expect(hashInputs(a as JsonValue) === hashInputs(b as JsonValue)).toBe(equal);
      }),
    );
  });

  it('leaves undefined members out and keeps the order of arrays', () => {
    expect(canonicalJson({ b: 1, a: undefined, c: [2, 1] })).toBe('{"b":1,"c":[2,1]}');
    expect(hashInputs({})).toBe('44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a');
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 1n, () => 1])(
    'refuses %s, which JSON cannot say: two of them must not look equal',
    (value) => {
      expect(() => canonicalJson({ value } as unknown as JsonValue)).toThrow();
    },
  );
});
