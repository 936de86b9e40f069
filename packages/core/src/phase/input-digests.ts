import { canonicalJson, hashInputs } from './canonical-json.js';
import type { InputChange } from '@turingpi/foundation';
import { showInput } from './compare-inputs.js';
import type { JsonValue } from './phase.js';

/** What is remembered of one named input: its digest, and the value itself where it is short. */
export interface InputDigest {
  /** SHA-256 over the canonical JSON of the value, hex. */
  readonly digest: string;
  readonly value?: JsonValue | undefined;
}

/** Named inputs of a phase, as the state keeps them. */
export type InputDigests = Readonly<Record<string, InputDigest>>;

/** Longer values are kept as digests only, in characters of JSON. */
const LONGEST_VALUE = 120;

/** The inputs of a phase by name: one digest for each. What is no object is one input named `inputs`. */
export function digestInputs(inputs: JsonValue): InputDigests {
  const named = typeof inputs === 'object' && inputs !== null && !Array.isArray(inputs) ? inputs : { inputs };
  return Object.fromEntries(
    Object.entries(named as Readonly<Record<string, JsonValue | undefined>>)
      .filter((entry): entry is [string, JsonValue] => entry[1] !== undefined)
      .map(([name, value]) => {
        const short = canonicalJson(value).length <= LONGEST_VALUE;
        return [name, { digest: hashInputs(value), ...(short ? { value } : {}) }];
      }),
  );
}

/** SHA-256 over the digests of all named inputs, hex: equal when each of them is. */
export function hashDigests(digests: InputDigests): string {
  return hashInputs(Object.fromEntries(Object.entries(digests).map(([name, { digest }]) => [name, digest])));
}

/** Which named inputs differ, in the order of their names. */
export function changedInputs(before: InputDigests, after: InputDigests): readonly InputChange[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names
    .filter((name) => before[name]?.digest !== after[name]?.digest)
    .map((name) => ({
      name,
      before: shown(before[name], 'set'),
      after: shown(after[name], before[name] === undefined ? 'set' : 'changed'),
    }));
}

/** A value that is too long to be kept is shown as a digest is. */
function shown(input: InputDigest | undefined, digested: string): string {
  return input !== undefined && input.value === undefined ? digested : showInput(input?.value, digested);
}
