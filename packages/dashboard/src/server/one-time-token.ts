import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/**
 * Who may look: whoever has the token of the address first gets a cookie for it, and the token is worth nothing more, so
 * that an address in a history, a log or a screen shot opens nothing.
 */
export class OneTimeToken {
  readonly token = randomBytes(32).toString('base64url');
  readonly #session = randomBytes(32).toString('base64url');
  readonly #name: string;
  #used = false;

  /** @param port - of the server: cookies of one computer are shared by all its ports */
  constructor(port: number) {
    this.#name = `turingpi-run-${port}`;
  }

  /** @returns the cookie for the token, once; nothing for another or a used one */
  redeem(token: string): string | undefined {
    if (this.#used || !isEqual(token, this.token)) return undefined;
    this.#used = true;
    return `${this.#name}=${this.#session}; HttpOnly; SameSite=Strict; Path=/`;
  }

  /** Whether a request has the cookie. */
  isHeldBy({ cookie = '' }: IncomingHttpHeaders): boolean {
    return cookie
      .split(';')
      .map((each) => each.trim())
      .some((each) => isEqual(each, `${this.#name}=${this.#session}`));
  }
}

/** In a time that does not tell how much of it was right. */
function isEqual(given: string, wanted: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}
