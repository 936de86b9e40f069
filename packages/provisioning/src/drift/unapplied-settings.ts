import { hashInputs, type JsonValue, type NamedInputs } from '@turingpi/core/plugin';
import type { DriftedPart } from './drifted-part.js';

/**
 * What is asked for by now and is on record otherwise: no run has made it true yet. What is not asked for any more stays on
 * a node, but for keys and what belongs to its network.
 *
 * @param onRecord - of the finished node
 * @param wanted - as far as it is known without the base image
 */
export function unappliedSettings(onRecord: NamedInputs, wanted: NamedInputs): readonly DriftedPart[] {
  const taken = Object.keys(onRecord).filter((name) => !(name in wanted) && ENDS.test(name));
  return [...Object.keys(wanted), ...taken]
    .filter((name) => hashInputs([onRecord[name] ?? null]) !== hashInputs([wanted[name] ?? null]))
    .map((name) => ({
      ...{ kind: 'setting', action: name, note: '(asked for since the last run)', state: 'would change' },
      diff: [...linesOf('-', onRecord[name]), ...linesOf('+', wanted[name])].join('\n'),
    }));
}

const ENDS = /^(?:user\.sshKeys$|network\.)/;

function linesOf(sign: string, value: JsonValue | undefined): readonly string[] {
  if (value === undefined) return [];
  const entries = Array.isArray(value) ? value : [value];
  return entries.map((entry) => `${sign}${typeof entry === 'string' ? entry : JSON.stringify(entry)}`);
}
