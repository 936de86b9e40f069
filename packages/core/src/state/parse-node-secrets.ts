import { stat } from 'node:fs/promises';
import { z } from 'zod';
import { StateError } from '../errors/state-error.js';

/** The version of the layout that this core writes. */
export const NODE_SECRETS_VERSION = 1;
export const DIGEST_KEY_BYTES = 32;

const nodeSecrets = z.looseObject({
  /** The newest generation that was, or may have been, written to the node. */
  written: z.int().nonnegative().default(0),
  /** The newest generation whose installation was completed. */
  installed: z.int().nonnegative().default(0),
  generations: z.record(z.string().regex(/^[1-9]\d*$/), z.json()),
});
const secretsDocument = z.looseObject({
  version: z.literal(NODE_SECRETS_VERSION),
  /** Key of the digests of secrets in the state file, base64. */
  digestKey: z.base64().refine((text) => Buffer.from(text, 'base64').length === DIGEST_KEY_BYTES),
  nodes: z.record(z.string(), nodeSecrets),
});
export type SecretsDocument = z.infer<typeof secretsDocument>;
export type NodeSecrets = z.infer<typeof nodeSecrets>;

/**
 * Reads the text of a file of secrets. What is wrong with it is said without quoting it.
 *
 * @param location - the file, for messages
 * @throws StateError `NODE_SECRETS_UNREADABLE`; `STATE_UNSUPPORTED_VERSION` for the file of a newer program.
 */
export function parseNodeSecrets(text: string, location: string): SecretsDocument {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Without the cause: it quotes the text.
    throw secretsUnreadable(location, 'is damaged');
  }
  const version = z.object({ version: z.int() }).safeParse(value);
  if (version.success && version.data.version > NODE_SECRETS_VERSION)
    throw new StateError(
      'STATE_UNSUPPORTED_VERSION',
      `the secrets of the nodes (${location}) have version ${version.data.version}; this program knows version ${NODE_SECRETS_VERSION}`,
      { hint: 'Upgrade turingpi, or use another stateFileName.' },
    );
  const document = secretsDocument.safeParse(value);
  if (!document.success) throw secretsUnreadable(location, 'is damaged');
  return document.data;
}

/**
 * Secrets that another user wrote are known to that user. Root may use what the user made who became root.
 *
 * @throws StateError `NODE_SECRETS_UNREADABLE`
 */
export async function assertOwnSecrets(location: string): Promise<void> {
  const me = process.getuid?.();
  if (me === undefined || me === 0) return;
  const found = await stat(location).catch(() => undefined); // what is wrong with it, reading says
  if (found !== undefined && found.uid !== me && found.uid !== 0)
    throw secretsUnreadable(location, 'belongs to another user');
}

/** The error for a file of secrets that cannot be used, saying what to do. */
export function secretsUnreadable(location: string, what: string, cause?: unknown): StateError {
  return new StateError('NODE_SECRETS_UNREADABLE', `the file with the nodes' secrets, ${location}, ${what}`, {
    ...(cause === undefined ? {} : { cause }),
    hint:
      'Put back a copy of it. Without one, move it away: finished nodes then go on as they are, but their images ' +
      'cannot be made again with the same host keys.',
  });
}
