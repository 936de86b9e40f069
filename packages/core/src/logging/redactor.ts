import type { Secret } from '@turingpi/foundation';

/** Shorter values would blot out ordinary words. */
const SHORTEST_REDACTED = 4;
/** Below this length a value may be part of a word: the board's default password is in every `turing-1` and `turing.local`. */
const SHORTEST_REDACTED_IN_WORDS = 8;
/** What a word goes on with, before and behind: a full stop at the end of a sentence is not part of it. */
const BEFORE = String.raw`(?<![\p{L}\p{N}_-]|[\p{L}\p{N}]\.)`;
const BEHIND = String.raw`(?![\p{L}\p{N}_-]|\.[\p{L}\p{N}])`;

/** Replaces every known secret in a text. A second net: secrets should not get into texts at all. */
export class Redactor {
  /** Longest first: one secret may contain another. */
  #patterns: { readonly value: string; readonly pattern: RegExp }[] = [];

  add(secret: Secret | undefined): void {
    const value = secret?.reveal() ?? '';
    if (value.length < SHORTEST_REDACTED || this.#patterns.some((known) => known.value === value)) return;
    const escaped = value.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
    const source = value.length < SHORTEST_REDACTED_IN_WORDS ? `${BEFORE}${escaped}${BEHIND}` : escaped;
    this.#patterns.push({ value, pattern: new RegExp(source, 'gu') });
    this.#patterns.sort((a, b) => b.value.length - a.value.length);
  }

  redact(text: string): string {
    return this.#patterns.reduce((clean, { pattern }) => clean.replace(pattern, '[secret]'), text);
  }
}
