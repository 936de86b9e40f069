import { env } from 'node:process';
import type { Context } from '@turingpi/core/plugin';
import type { FirstBootCredentials } from '@turingpi/provisioning';
import type { Secret } from '@turingpi/foundation';
import { parsePublicKey } from '@turingpi/runtime';
import { checkPassword } from '../account/password-hash.js';
import { checkUsername } from '../account/username.js';
import { checkPackageName } from '../first-boot/first-boot-service.js';
import { checkLocale, checkTimezone } from '../locale/locale.js';
import { readSecretSource, type SecretPlace, secretPlaceOf } from '@turingpi/provisioning';

/** Checked first-boot settings with the password at hand. */
export interface CredentialPlan {
  /** Undefined: the operating system's customary user. */
  readonly username: string | undefined;
  readonly password: Secret | undefined;
  /** Where the password was read from; undefined when it was given as a value. */
  readonly passwordFrom: SecretPlace | undefined;
  readonly sshKeys: readonly string[];
  readonly passwordAuthentication: boolean | undefined;
  readonly timezone: string | undefined;
  readonly locale: string | undefined;
  readonly packages: readonly string[];
}

/**
 * Checks first-boot settings and reads the password from where it is.
 *
 * @param environment - where a password given as `{ env: NAME }` is; builders give that of their context
 * @throws LinuxError `USERNAME_INVALID`, `PASSWORD_*`, `CREDENTIAL_UNREADABLE`, `TIMEZONE_INVALID`, `LOCALE_INVALID`,
 * `PACKAGE_NAME_INVALID`; RuntimeError `SSH_PUBLIC_KEY_INVALID`, `SSH_PRIVATE_KEY_GIVEN`.
 */
export async function planCredentials(
  credentials: FirstBootCredentials,
  environment: Context['environment'] = env,
): Promise<CredentialPlan> {
  if (credentials.username !== undefined) checkUsername(credentials.username);
  for (const key of credentials.sshKeys ?? []) parsePublicKey(key);
  if (credentials.timezone !== undefined) checkTimezone(credentials.timezone);
  if (credentials.locale !== undefined) checkLocale(credentials.locale);
  for (const name of credentials.packages ?? []) checkPackageName(name);
  const password =
    credentials.password === undefined
      ? undefined
      : await readSecretSource(credentials.password, environment);
  if (password) checkPassword(password);
  return {
    username: credentials.username,
    password,
    passwordFrom: secretPlaceOf(credentials.password),
    sshKeys: (credentials.sshKeys ?? []).map((key) => key.trim()),
    passwordAuthentication: credentials.passwordAuthentication,
    timezone: credentials.timezone,
    locale: credentials.locale,
    packages: [...(credentials.packages ?? [])],
  };
}

/** Lays later settings over earlier ones: what the installer says wins over what the image builder said. */
export function mergeCredentials(
  earlier: FirstBootCredentials | undefined,
  later: FirstBootCredentials | undefined,
): FirstBootCredentials | undefined {
  if (!earlier || !later) return later ?? earlier;
  const given = Object.entries(later).filter(([, value]) => value !== undefined);
  return { ...earlier, ...Object.fromEntries(given) };
}

/** Whether nothing at all is asked for. */
export function isEmptyCredentials(credentials: FirstBootCredentials | undefined): boolean {
  return Object.values(credentials ?? {}).every(
    (value) => value === undefined || (Array.isArray(value) && value.length === 0),
  );
}
