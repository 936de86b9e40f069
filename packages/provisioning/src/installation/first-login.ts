import type { Secret } from '@turingpi/foundation';
import { keyedDigest } from '../credential/keyed-digest.js';
import type { SecretPlace } from '../credential/read-secret-source.js';
import { keyIdentities } from '../generation/image-inputs.js';

/** A first login on a node whose accounts are as the image ships them. */
export interface FirstLogin {
  readonly username: string;
  readonly shippedPassword: Secret;
  readonly newPassword: Secret;
  /** Where that one was read from; undefined when it was given as a value. */
  readonly newPasswordFrom: SecretPlace | undefined;
  /** To be let in afterwards, besides the password. */
  readonly sshKeys: readonly string[];
  readonly over: 'ssh' | 'console' | undefined;
}

/** What of a first login decides the result of phase 2, without a secret in it. */
export function digestFirstLogin(login: FirstLogin, key: Uint8Array): string {
  const { username, newPassword, sshKeys } = login;
  return keyedDigest(JSON.stringify([username, newPassword.reveal(), keyIdentities(sshKeys)]), key);
}
