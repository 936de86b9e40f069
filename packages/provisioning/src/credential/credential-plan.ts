import { env } from 'node:process';
import type { Context } from '@turingpi/core/plugin';
import type { FirstBootCredentials } from '../image/first-boot-credentials.js';
import type { Secret } from '@turingpi/foundation';
import { parsePublicKey } from '@turingpi/runtime';
import { readSecretSource, type SecretPlace, secretPlaceOf } from './read-secret-source.js';

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
 * Checks the keys among first-boot settings and reads the password from where it is. All else is for the operating system
 * to check.
 *
 * @param environment - where a password given as `{ env: NAME }` is; builders give that of their context
 * @throws ProvisioningError `CREDENTIAL_UNREADABLE`; RuntimeError `SSH_PUBLIC_KEY_INVALID`, `SSH_PRIVATE_KEY_GIVEN`.
 */
export async function planCredentials(
  credentials: FirstBootCredentials,
  environment: Context['environment'] = env,
): Promise<CredentialPlan> {
  for (const key of credentials.sshKeys ?? []) parsePublicKey(key);
  const password =
    credentials.password === undefined
      ? undefined
      : await readSecretSource(credentials.password, environment);
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
