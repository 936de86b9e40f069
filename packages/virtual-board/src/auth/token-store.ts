import { randomInt } from 'node:crypto';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const TOKEN_LENGTH = 64;

/** What became of a token that was shown. */
export type TokenCheck =
  | { readonly kind: 'valid' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'expired'; readonly ageNs: bigint };

/**
 * Session tokens in memory; their life slides from the last use (docs/reference/bmc-protocol.md, "Login and tokens").
 */
export class TokenStore {
  readonly #lastUse = new Map<string, bigint>();
  readonly #accounts = new Map<string, string>();

  constructor(
    private readonly lifeNs: bigint,
    private readonly nowNs: () => bigint,
  ) {}

  issue(account: string): string {
    const token = Array.from({ length: TOKEN_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
    this.#lastUse.set(token, this.nowNs());
    this.#accounts.set(token, account);
    return token;
  }

  /** Whose token it is, or was. */
  accountOf(token: string): string | undefined {
    return this.#accounts.get(token);
  }

  /** An expired token is told so once and then forgotten. */
  check(token: string): TokenCheck {
    const used = this.#lastUse.get(token);
    if (used === undefined) return { kind: 'unknown' };
    const ageNs = this.nowNs() - used;
    if (ageNs > this.lifeNs) {
      this.#lastUse.delete(token);
      return { kind: 'expired', ageNs };
    }
    return { kind: 'valid' };
  }

  /** Prolongs a token that was accepted. */
  touch(token: string): void {
    this.#lastUse.set(token, this.nowNs());
  }

  /** Makes every token look unused for longer than its life. */
  expireAll(): void {
    for (const token of this.#lastUse.keys()) this.#lastUse.set(token, this.nowNs() - this.lifeNs - 1n);
  }

  clear(): void {
    this.#lastUse.clear();
  }
}
