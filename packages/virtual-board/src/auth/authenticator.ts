import { emptyReply, jsonReply, type Reply } from '../http/reply.js';
import { invalidType, jsonError, JsonTextError, parseJsonText } from '../http/json-text.js';
import type { BanList } from './ban-list.js';
import { spokenDuration } from './spoken-duration.js';
import { Base64Error, decodeBase64 } from './strict-base64.js';
import type { TokenStore } from './token-store.js';

const SECOND = 1_000_000_000n;
const REALM = 'realm="Access to Baseboard Management Controller"';
const BASIC = `Basic ${REALM}`;

/** Users who may log in, by name. */
export type Accounts = Map<string, string>;

class CredentialsUnreadable extends Error {}

/** Logins, tokens and bans of the daemon (docs/reference/bmc-protocol.md, "Login and tokens"). */
export class Authenticator {
  constructor(
    private readonly accounts: Accounts,
    readonly tokens: TokenStore,
    readonly bans: BanList,
    /** The fork answers bans with 429 and whole seconds. */
    private readonly bansBy429 = false,
  ) {}

  /** The password of an account; undefined when there is none. */
  passwordOf(username: string): string | undefined {
    return this.accounts.get(username);
  }

  /** Tokens stay valid. */
  changePassword(username: string, password: string): void {
    this.accounts.set(username, password);
  }

  /** Answers `/api/bmc/authenticate`; any method and content type will do. */
  login(peer: string, body: Buffer): Reply {
    let credentials: { username: string; password: string };
    try {
      credentials = parseLogin(body);
    } catch (cause) {
      if (!(cause instanceof JsonTextError)) throw cause;
      return refuse(403, `error trying to parse credentials: ${cause.message}`);
    }
    const refused = this.#verify(peer, credentials.username, credentials.password);
    if (refused !== undefined) return this.#byBan(peer) ?? refuse(403, refused);
    const token = this.tokens.issue(credentials.username);
    const session = {
      id: token,
      name: 'User Session',
      description: 'User Session',
      username: credentials.username,
    };
    const reply = jsonReply(session);
    return { ...reply, headers: { 'x-auth-token': token } };
  }

  /** Checks the `Authorization` header; undefined lets the request through. */
  refuse(peer: string, authorization: string | undefined): Reply | undefined {
    if (authorization === undefined) return challenge(BASIC, 'no authorization header provided');
    const space = authorization.indexOf(' ');
    if (space < 0) return challenge(BASIC, `cannot parse authorization header: ${authorization}`);
    const scheme = authorization.slice(0, space);
    const credentials = authorization.slice(space + 1);
    const refused =
      scheme === 'Bearer'
        ? this.#refuseToken(peer, credentials)
        : scheme === 'Basic'
          ? this.#refuseBasic(peer, credentials)
          : undefined;
    if (refused) return this.#byBan(peer) ?? refused;
    if (scheme === 'Bearer' || scheme === 'Basic') return undefined;
    return challenge(REALM, `${scheme} authentication not supported`);
  }

  /** The account that an accepted `Authorization` header belongs to. */
  accountOf(authorization: string | undefined): string {
    const [scheme, credentials = ''] = (authorization ?? '').split(' ');
    if (scheme === 'Bearer') return this.tokens.accountOf(credentials) ?? 'nobody';
    return scheme === 'Basic'
      ? (Buffer.from(credentials, 'base64').toString('utf8').split(':')[0] ?? '')
      : 'nobody';
  }

  #refuseToken(peer: string, token: string): Reply | undefined {
    const banned = this.#banText(peer);
    if (banned !== undefined) return bearerChallenge(banned);
    const check = this.tokens.check(token);
    if (check.kind === 'expired') return bearerChallenge(`token expired ${spokenDuration(check.ageNs)} ago`);
    if (check.kind === 'unknown') {
      this.bans.fail(peer);
      return bearerChallenge(this.#banText(peer) ?? `token ${token} is not registered`);
    }
    this.tokens.touch(token);
    this.bans.forgive(peer);
    return undefined;
  }

  #refuseBasic(peer: string, encoded: string): Reply | undefined {
    let pair: string;
    try {
      pair = decodeBase64(encoded).toString('utf8');
      if (!pair.includes(':')) throw new CredentialsUnreadable('basic authentication formatted wrong');
    } catch (cause) {
      if (!(cause instanceof Base64Error || cause instanceof CredentialsUnreadable)) throw cause;
      return challenge(BASIC, `error trying to parse credentials: ${cause.message}`);
    }
    const colon = pair.indexOf(':');
    const refused = this.#verify(peer, pair.slice(0, colon), pair.slice(colon + 1));
    return refused === undefined ? undefined : challenge(BASIC, refused);
  }

  #verify(peer: string, username: string, password: string): string | undefined {
    const banned = this.#banText(peer);
    if (banned !== undefined) return banned;
    if (this.accounts.get(username) !== password) {
      this.bans.fail(peer);
      return this.#banText(peer) ?? 'credentials incorrect';
    }
    this.bans.forgive(peer);
    return undefined;
  }

  #byBan(peer: string): Reply | undefined {
    const body = this.#banText(peer);
    if (body === undefined || !this.bansBy429) return undefined;
    const seconds = String((this.#banLeft(peer) ?? 0n) / SECOND);
    return { ...emptyReply(429, { 'retry-after': seconds }), body };
  }

  #banLeft(peer: string): bigint | undefined {
    const left = this.bans.remaining(peer);
    return left !== undefined && this.bansBy429 ? ((left + SECOND - 1n) / SECOND) * SECOND : left;
  }

  #banText(peer: string): string | undefined {
    const left = this.#banLeft(peer);
    if (left === undefined) return undefined;
    return `Exceeded allowed authentication attempts. Access blocked for ${spokenDuration(left)}`;
  }
}

function refuse(status: number, body: string): Reply {
  return { ...emptyReply(status), body };
}

function challenge(wwwAuthenticate: string, body: string): Reply {
  return { ...emptyReply(401, { 'www-authenticate': wwwAuthenticate }), body };
}

function bearerChallenge(body: string): Reply {
  return challenge(`Bearer ${REALM} error="invalid_token" error_description="${body}"`, body);
}

function parseLogin(body: Buffer): { username: string; password: string } {
  const node = parseJsonText(body);
  if (node.kind !== 'object') throw invalidType(node, 'struct Login');
  const found = new Map<string, string>();
  for (const { key, keyEnd, value } of node.entries) {
    if (key !== 'username' && key !== 'password') continue;
    if (found.has(key)) throw jsonError(`duplicate field \`${key}\``, keyEnd);
    if (value.kind !== 'string') throw invalidType(value, 'a string');
    found.set(key, value.value);
  }
  const username = found.get('username');
  if (username === undefined) throw jsonError('missing field `username`', node.end);
  const password = found.get('password');
  if (password === undefined) throw jsonError('missing field `password`', node.end);
  return { username, password };
}
