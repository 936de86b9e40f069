import type { Authenticator } from '../auth/authenticator.js';
import { JsonTextError, parseJsonText } from '../http/json-text.js';
import { emptyReply, envelope, jsonReply, type Reply, textReply } from '../http/reply.js';
import { hasFactoryPassword } from './factory-gate.js';

/** In characters, not bytes. */
const SHORTEST_PASSWORD = 12;

/** What the change is asked for with. */
interface PasswordChange {
  readonly username: string;
  readonly current_password: string;
  readonly new_password: string;
}

/** `GET /access`: who asks, and whether the password is that of the factory. */
export function describeAccess(authenticator: Authenticator, authorization: string | undefined): Reply {
  return jsonReply({
    actor: { name: 'root', scheme: authorization?.startsWith('Basic ') === true ? 'basic' : 'token' },
    client_ca: null,
    client_ca_pinned_in_config: false,
    factory_password: hasFactoryPassword(authenticator),
    identity_header: { name: 'x-forwarded-email', source: 'default' },
    local_account: 'root',
  });
}

/**
 * `POST /access/password` (docs/reference/bmc-protocol.md, "Fork: factory password"). Tokens stay valid; a wrong
 * password is no strike.
 */
export function changePassword(
  authenticator: Authenticator,
  contentType: string | undefined,
  body: Buffer,
): Reply {
  if (!/^application\/json\b/i.test(contentType ?? '')) return textReply('Content type error', 400);
  let asked: PasswordChange;
  try {
    asked = parseFields(body);
  } catch (cause) {
    if (!(cause instanceof JsonTextError)) throw cause;
    return textReply(`Json deserialize error: ${cause.message}`, 400);
  }
  const { username, current_password: current, new_password: wanted } = asked;
  if (username === '') return envelope('`username` is required', 400);
  if (Array.from(wanted).length < SHORTEST_PASSWORD)
    return envelope('the new password is too short: at least 12 characters', 400);
  if (wanted === current) return envelope('the new password is the same as the current one', 400);
  if (authenticator.passwordOf(username) !== current) return envelope('the current password is wrong', 403);
  authenticator.changePassword(username, wanted);
  return emptyReply(204);
}

function parseFields(body: Buffer): PasswordChange {
  const node = parseJsonText(body);
  const entries = new Map(
    node.kind === 'object' ? node.entries.map(({ key, value }) => [key, value] as const) : [],
  );
  const field = (name: string): string => {
    const value = entries.get(name);
    if (value?.kind !== 'string') throw new JsonTextError(`missing field \`${name}\``);
    return value.value;
  };
  return {
    username: field('username'),
    current_password: field('current_password'),
    new_password: field('new_password'),
  };
}
