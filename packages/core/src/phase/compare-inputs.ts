import type { InputChange } from '@turingpi/foundation';
import { canonicalJson } from './canonical-json.js';
import type { JsonValue, NamedInputs } from './phase.js';

const DIGEST = /^(?:sha256:)?[0-9a-f]{64}$/;
/** Longer values are cut: they are for people to recognise, not to compare. */
const LONGEST = 60;

/** Lists the inputs that differ, by name. Empty when two runs ask for the same. */
export function compareInputs(before: NamedInputs, after: NamedInputs): InputChange[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names
    .filter((name) => textOf(before[name]) !== textOf(after[name]))
    .map((name) => ({
      name,
      before: showInput(before[name], 'set'),
      after: showInput(after[name], before[name] === undefined ? 'set' : 'changed'),
    }));
}

function textOf(value: JsonValue | undefined): string | undefined {
  return value === undefined ? undefined : canonicalJson(value);
}

/**
 * A value as people read it, short.
 *
 * @param digested - the word for a value of which there is only a digest
 */
export function showInput(value: JsonValue | undefined, digested: string): string {
  if (value === undefined) return 'not set';
  const items = Array.isArray(value) ? (value as readonly JsonValue[]) : [value];
  if (items.some(isDigest)) return digested;
  const text = items.map((item) => (typeof item === 'string' ? item : canonicalJson(item))).join(', ');
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}

function isDigest(value: JsonValue): boolean {
  return typeof value === 'string' && DIGEST.test(value);
}
