import { inspect } from 'node:util';

const SHOWN = '[secret]';
const BRAND = Symbol.for('@turingpi/core:secret');

/** A value that never prints itself: string conversion, JSON, templates and `inspect` all show `[secret]`. */
export class Secret {
  readonly [BRAND] = true;
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** Tells a secret from any other value; works across two installed copies of core, unlike `instanceof`. */
  static is(value: unknown): value is Secret {
    return typeof value === 'object' && value !== null && BRAND in value;
  }

  /** The value in clear. Call it at the last moment, and keep the result in no object that lives on. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return SHOWN;
  }

  toJSON(): string {
    return SHOWN;
  }

  [inspect.custom](): string {
    return SHOWN;
  }
}

/** What people may write where a secret is wanted: the value (from code), an environment variable, or a file. */
export type SecretSource = string | Secret | { readonly env: string } | { readonly file: string };
