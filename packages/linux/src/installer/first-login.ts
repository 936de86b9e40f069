import { type Context, type CustomizedImage, PhaseError } from '@turingpi/core/plugin';
import type { FirstBootCredentials, FirstLoginOptions } from '@turingpi/provisioning';
import { type Secret, Secret as SecretValue } from '@turingpi/foundation';

import { isHashedPassword } from '@turingpi/provisioning';
import { keyIdentities } from '../generation/image-inputs.js';
import { planCredentials } from '../credential/credential-plan.js';
import { keyedDigest } from '@turingpi/provisioning';
import { readSecretSource, type SecretPlace } from '@turingpi/provisioning';
import { linuxImageOf } from '../image/linux-image.js';
import { LinuxError } from '../linux-error.js';
import type { LinuxProfile, ShippedLogin } from '../profile/linux-profile.js';

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

/** The login that is publicly known of images like this one. */
export function shippedLoginOf(profile: LinuxProfile, image: CustomizedImage): ShippedLogin | undefined {
  const { family } = linuxImageOf(image);
  return family && profile.shippedLogin?.(family);
}

/**
 * Checks what is asked of a first login and fills in what is customary.
 *
 * @throws PhaseError `PHASE_INPUT_MISSING` without a new password; LinuxError `FIRST_LOGIN_IMPOSSIBLE`, and as
 * {@link planCredentials}.
 */
export async function planFirstLogin(
  context: Context,
  asked: FirstBootCredentials,
  options: FirstLoginOptions,
  shipped: ShippedLogin | undefined,
): Promise<FirstLogin> {
  const { hostname } = context.node;
  const {
    password: newPassword,
    passwordFrom: newPasswordFrom,
    username: wanted,
    sshKeys,
  } = await planCredentials(asked, context.environment);
  if (!newPassword)
    throw new PhaseError('PHASE_INPUT_MISSING', `the first login on ${hostname} needs a new password`, {
      hint: 'Give initialUserPassword.',
    });
  context.registerSecret(newPassword);
  if (isHashedPassword(newPassword))
    throw impossible(
      `the new password of the first login on ${hostname} is given as a hash, which nobody can type`,
      {
        hint: 'Give the password itself, or leave firstLogin out: in the image, a hash is enough.',
      },
    );
  const username = options.username ?? shipped?.username;
  const password = options.password ?? shipped?.password;
  if (username === undefined || password === undefined)
    throw impossible(`nothing is known about the login that the image of ${hostname} ships with`, {
      hint: 'Give it with firstLogin: { username, password }.',
    });
  if (wanted !== undefined && wanted !== username)
    throw impossible(`the first login on ${hostname} is as ${username}; it makes no user ${wanted}`, {
      hint: `Leave the user name out, or leave firstLogin out and have ${wanted} made in the image.`,
    });
  const shippedPassword =
    typeof password === 'string'
      ? new SecretValue(password)
      : await readSecretSource(password, context.environment);
  // One that is written out is publicly known: registering it would blot out every `ubuntu` in every message.
  if (typeof password !== 'string') context.registerSecret(shippedPassword);
  if (shippedPassword.reveal() === newPassword.reveal())
    throw impossible(`the new password of ${username} on ${hostname} is the one that the image ships with`, {
      hint: 'No system takes the old password as the new one; choose another.',
    });
  return { username, shippedPassword, newPassword, newPasswordFrom, sshKeys, over: options.over };
}

function impossible(message: string, options: { readonly hint: string }): LinuxError {
  return new LinuxError('FIRST_LOGIN_IMPOSSIBLE', message, options);
}

/** What of a first login decides the result of phase 2, without a secret in it. */
export function digestFirstLogin(login: FirstLogin, key: Uint8Array): string {
  const { username, newPassword, sshKeys } = login;
  return keyedDigest(JSON.stringify([username, newPassword.reveal(), keyIdentities(sshKeys)]), key);
}
