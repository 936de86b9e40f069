import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/**
 * Who may look: the token of the address is exchanged, once, for the session of one page, which says it with each request.
 * The token is worth nothing more then, so that an address in a history, a log or a screen shot opens nothing.
 *
 * @remarks No cookie: a browser gives one to every port of a host, and so to servers of other people on this computer.
 */
export class OneTimeToken {
  readonly token = randomBytes(32).toString('base64url');
  readonly #session = randomBytes(32).toString('base64url');
  #used = false;

  /** Whether somebody says the token while it is still worth something. */
  isToken(given: string | undefined): boolean {
    return !this.#used && given !== undefined && isEqual(given, this.token);
  }

  /** @returns the session for the token that a request bears, once; nothing for another or a used one */
  redeem(headers: IncomingHttpHeaders): string | undefined {
    if (!this.isToken(borneBy(headers))) return undefined;
    this.#used = true;
    return this.#session;
  }

  /** Whether a request bears the session. */
  isHeldBy(headers: IncomingHttpHeaders): boolean {
    const given = borneBy(headers);
    return given !== undefined && isEqual(given, this.#session);
  }
}

/** What a request says in `Authorization: Bearer`. */
function borneBy({ authorization = '' }: IncomingHttpHeaders): string | undefined {
  return /^Bearer ([\w-]+)$/.exec(authorization)?.[1];
}

/** In a time that does not tell how much of it was right. */
function isEqual(given: string, wanted: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}
