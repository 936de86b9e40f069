import type { Secret } from '../secret/secret.js';

/** Shorter values would blot out ordinary words. */
const SHORTEST_REDACTED = 4;

/** Replaces every known secret in a text. A second net: secrets should not get into texts at all. */
export class Redactor {
  readonly #values = new Set<string>();

  add(secret: Secret | undefined): void {
    const value = secret?.reveal() ?? '';
    if (value.length >= SHORTEST_REDACTED) this.#values.add(value);
  }

  redact(text: string): string {
    let clean = text;
    for (const value of this.#values) clean = clean.replaceAll(value, '[secret]');
    return clean;
  }
}
