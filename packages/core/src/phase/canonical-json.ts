import { createHash } from 'node:crypto';
import { configure } from 'safe-stable-stringify';
import type { JsonValue } from './phase.js';

const stringify = configure({ deterministic: true, strict: true });

/** JSON with sorted keys and without undefined members: equal values give equal text. */
export function canonicalJson(value: JsonValue): string {
  return stringify(value);
}

/** SHA-256 over the canonical JSON of a value, hex. */
export function hashInputs(value: JsonValue): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}
