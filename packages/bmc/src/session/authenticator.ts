import type { BmcCredentials } from './bmc-credentials.js';
import type { Logger } from '@turingpi/foundation';
import { z } from 'zod';
import { BmcError } from '../errors/bmc-error.js';
import type { HttpReply, HttpTransport } from '../http/http-transport.js';
import { endpointKey } from '../tls/verified-connection.js';
import { banDurationMs } from './ban.js';
import type { CallOptions } from './call-options.js';
import type { TokenCache } from './token-cache.js';

type Authorization = Readonly<Record<string, string>>;

const sessionSchema = z.object({ id: z.string().regex(/^[A-Za-z0-9]{16,512}$/) });

/**
 * Holds the session token of one board.
 *
 * @remarks
 * The BMC bans an address for a minute after five failures, and doubles it each time
 * (docs/reference/bmc-protocol.md, "Bans"). So: one login for a refused token, none after refused credentials, and none
 * while a ban is known to last.
 */
export class Authenticator {
  #authorization: Authorization | undefined;
  #refused: BmcError | undefined;
  #bannedUntil = 0;
  #cacheTried = false;

  constructor(
    private readonly transport: HttpTransport,
    private readonly credentials: BmcCredentials,
    private readonly tokens: TokenCache,
    private readonly logger: Logger,
  ) {}

  /** The header to send; logs in when there is no token yet. */
  async authorization(options: CallOptions): Promise<Authorization> {
    if (Date.now() < this.#bannedUntil) throw this.#banned();
    if (this.#authorization) return this.#authorization;
    if (!this.#cacheTried) {
      this.#cacheTried = true;
      const token = await this.tokens.load(this.credentials);
      if (token !== undefined) return (this.#authorization = bearer(token));
    }
    return await this.#login(options);
  }

  /** After a request was refused: forgets the token and logs in again, once. */
  async renew(reply: HttpReply, options: CallOptions): Promise<Authorization> {
    this.#noticeBan(reply);
    this.#authorization = undefined;
    await this.tokens.clear();
    this.logger.debug({ board: this.#board }, 'BMC session has ended, logging in again');
    return await this.#login(options);
  }

  /** The error for a request that is refused even with a fresh token. */
  refusal(reply: HttpReply): BmcError {
    this.#noticeBan(reply);
    return new BmcError(
      'BMC_AUTH_REFUSED',
      `the BMC at ${this.#board} refuses a session it has just opened`,
      {
        hint: 'Restart the daemon on the BMC, then try again.',
      },
    );
  }

  get #board(): string {
    return endpointKey(this.transport.endpoint);
  }

  async #login(options: CallOptions): Promise<Authorization> {
    if (this.#refused) throw this.#refused;
    const { username, password } = this.credentials;
    if (!password) {
      throw new BmcError('BMC_PASSWORD_MISSING', `no password for the BMC at ${this.#board}`);
    }
    const reply = await this.transport.exchange({
      method: 'POST',
      path: '/api/bmc/authenticate',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ username, password: password.reveal() }),
      signal: options.signal,
      busyMs: options.busyMs,
    });
    return await this.#accept(reply);
  }

  async #accept(reply: HttpReply): Promise<Authorization> {
    const { username } = this.credentials;
    this.#noticeBan(reply);
    if (reply.status === 403 || reply.status === 401) {
      if (!reply.body.startsWith('credentials incorrect')) {
        throw new BmcError('BMC_PROTOCOL', `the BMC at ${this.#board} did not understand the login`);
      }
      this.#refused = new BmcError(
        'BMC_AUTH_REFUSED',
        `the BMC at ${this.#board} refuses the login of ${username}`,
        {
          hint: 'Check the user and the password, `bmc.username` and `bmc.password` of a configuration: it is the account of the BMC itself. No further attempt is made, since five failures ban this address.',
        },
      );
      throw this.#refused;
    }
    if (reply.status === 200 && /^\s*</.test(reply.body)) {
      // A loopback peer needs no login, and the path does not exist for it
      // (docs/reference/bmc-protocol.md, "Login and tokens").
      return (this.#authorization = {});
    }
    const parsed = sessionSchema.safeParse(parseJson(reply.body));
    if (reply.status !== 200 || !parsed.success) {
      throw new BmcError(
        'BMC_PROTOCOL',
        `the BMC at ${this.#board} answered the login with status ${reply.status} and no token`,
        { hint: 'Is this the address of a Turing Pi board with BMC firmware 2.0 or newer?' },
      );
    }
    await this.tokens.save(this.credentials, parsed.data.id);
    return (this.#authorization = bearer(parsed.data.id));
  }

  #noticeBan({ status, headers, body }: HttpReply): void {
    const ms = banDurationMs(status, headers, body);
    if (ms === undefined) return;
    this.#bannedUntil = Date.now() + ms;
    throw this.#banned();
  }

  #banned(): BmcError {
    const until = new Date(this.#bannedUntil).toISOString();
    return new BmcError('BMC_BANNED', `the BMC at ${this.#board} has blocked this address until ${until}`, {
      hint: 'Too many failed logins came from here. Wait until then: trying earlier is of no use, and a wrong password afterwards doubles the time.',
      details: { until },
    });
  }
}

function bearer(token: string): Authorization {
  return { Authorization: `Bearer ${token}` };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
