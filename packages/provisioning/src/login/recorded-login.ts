import type { Context, InstalledNode, RecordedLogin, SecretReference } from '@turingpi/core/plugin';
import type { SecretSource } from '@turingpi/foundation';
import { parsePublicKey } from '@turingpi/runtime';
import { isHashedPassword } from '../credential/hashed-password.js';
import { keyedDigest } from '../credential/keyed-digest.js';
import { readSecretSource, type SecretPlace } from '../credential/read-secret-source.js';
import { ProvisioningError } from '../provisioning-error.js';
import type { NodeLogin } from './node-login.js';

/** How a node is logged in to, as whoever installs it was told. */
export interface StatedLogin extends NodeLogin {
  /** Where the password was read from; undefined when it was given as a value. */
  readonly passwordFrom: SecretPlace | undefined;
}

/** A recorded login with its secrets read, as far as they are there. */
export interface ReadLogin extends NodeLogin {
  /** Why there is no password, for people; undefined when there is one, or the node takes none. */
  readonly missing: string | undefined;
}

/**
 * A login as it goes on record: a password that was given as a value stays in this process, and is known by its keyed
 * digest; one that is a hash is nothing to log in with.
 *
 * @returns Undefined when nothing was stated: what is on record then stays.
 */
export async function recordLogin(context: Context, login: StatedLogin): Promise<RecordedLogin | undefined> {
  const password = await referenceTo(context, login);
  if (password === undefined && login.sshKeys.length === 0) return undefined;
  return { sshKeys: withoutComments(login.sshKeys), ...(password && { password }) };
}

async function referenceTo(
  context: Context,
  { password, passwordFrom }: StatedLogin,
): Promise<SecretReference | undefined> {
  if (password === undefined || isHashedPassword(password)) return undefined;
  if (passwordFrom !== undefined) return passwordFrom;
  const given = keyedDigest(password.reveal(), await context.generations.digestKey());
  context.registerSecret(password, given);
  return { given };
}

/** Reads a node's login from its record; a password that is stated now wins over the recorded one. */
export async function readLogin(
  context: Context,
  { login }: Pick<InstalledNode, 'login'>,
  stated?: SecretSource,
): Promise<ReadLogin> {
  const sshKeys = login?.sshKeys ?? [];
  if (stated !== undefined) return known(context, sshKeys, stated);
  const reference = login?.password;
  if (login === undefined)
    return { password: undefined, sshKeys, missing: 'its record does not say how to log in' };
  if (reference === undefined) return { password: undefined, sshKeys, missing: undefined };
  if ('given' in reference) {
    const password = context.givenSecret(reference.given);
    const missing = 'its password was given to the installer as a value, which is not recorded';
    return { password, sshKeys, missing: password === undefined ? missing : undefined };
  }
  try {
    return await known(context, sshKeys, reference);
  } catch (error) {
    // Keys may be enough, and an action that is on record needs no login at all.
    if (!(error instanceof ProvisioningError)) throw error;
    return { password: undefined, sshKeys, missing: `its password cannot be read: ${error.message}` };
  }
}

async function known(context: Context, sshKeys: readonly string[], source: SecretSource): Promise<ReadLogin> {
  const password = await readSecretSource(source, context.environment);
  context.registerSecret(password);
  return { password, sshKeys, missing: undefined };
}

function withoutComments(lines: readonly string[]): readonly string[] {
  const keys = lines.map((line) => {
    const { options, identity } = parsePublicKey(line);
    return options === undefined ? identity : `${options} ${identity}`;
  });
  return [...new Set(keys)].sort();
}
