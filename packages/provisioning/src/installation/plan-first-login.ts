import { type Context, PhaseError } from '@turingpi/core/plugin';
import { Secret } from '@turingpi/foundation';
import { planCredentials } from '../credential/credential-plan.js';
import { isHashedPassword } from '../credential/hashed-password.js';
import { readSecretSource } from '../credential/read-secret-source.js';
import type { FirstBootCredentials } from '../image/first-boot-credentials.js';
import type { OperatingSystem } from '../os/operating-system.js';
import type { ShippedLogin } from '../os/system-login.js';
import { ProvisioningError } from '../provisioning-error.js';
import type { FirstLogin } from './first-login.js';
import type { FirstLoginOptions } from './os-installer-options.js';

/**
 * Checks what is asked of a first login and fills in what is customary.
 *
 * @throws PhaseError `PHASE_INPUT_MISSING` without a new password; ProvisioningError `FIRST_LOGIN_IMPOSSIBLE`, and as
 * {@link planCredentials} and the operating system do.
 */
export async function planFirstLogin(
  context: Context,
  system: Pick<OperatingSystem, 'checkCredentials'>,
  asked: FirstBootCredentials,
  options: FirstLoginOptions,
  shipped: ShippedLogin | undefined,
): Promise<FirstLogin> {
  const { hostname } = context.node;
  const plan = await planCredentials(asked, context.environment);
  system.checkCredentials?.(plan);
  const { password: newPassword, passwordFrom: newPasswordFrom, username: wanted, sshKeys } = plan;
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
      ? new Secret(password)
      : await readSecretSource(password, context.environment);
  // One that is written out is publicly known: registering it would blot out every `ubuntu` in every message.
  if (typeof password !== 'string') context.registerSecret(shippedPassword);
  if (shippedPassword.reveal() === newPassword.reveal())
    throw impossible(`the new password of ${username} on ${hostname} is the one that the image ships with`, {
      hint: 'No system takes the old password as the new one; choose another.',
    });
  return { username, shippedPassword, newPassword, newPasswordFrom, sshKeys, over: options.over };
}

function impossible(message: string, options: { readonly hint: string }): ProvisioningError {
  return new ProvisioningError('FIRST_LOGIN_IMPOSSIBLE', message, options);
}
