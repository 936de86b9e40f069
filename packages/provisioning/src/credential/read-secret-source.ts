import { cwd } from 'node:process';
import { type Context, readSecret, resolvePath, type SecretReference } from '@turingpi/core/plugin';
import { Secret, type SecretSource, TuringPiError } from '@turingpi/foundation';
import { ProvisioningError } from '../provisioning-error.js';

/** Where a secret can be read, by any process on this computer. */
export type SecretPlace = Exclude<SecretReference, { readonly given: string }>;

/** Where a secret is read from, the same from whichever folder a program is started; undefined for a value. */
export function secretPlaceOf(source: SecretSource | undefined): SecretPlace | undefined {
  if (source === undefined || typeof source === 'string' || Secret.is(source)) return undefined;
  return 'env' in source ? { env: source.env } : { file: resolvePath(cwd(), source.file) };
}

/**
 * Reads a secret from where it is; what editors and shells put around it does not belong to it.
 *
 * @param environment - where variables are looked up: that of the context, where there is one
 * @param baseDir - where the relative path of a file starts
 * @throws ProvisioningError `CREDENTIAL_UNREADABLE` naming the variable or file, never the value.
 */
export async function readSecretSource(
  source: SecretSource,
  environment: Context['environment'],
  baseDir = cwd(),
): Promise<Secret> {
  if (Secret.is(source)) return source;
  try {
    const secret = await readSecret(source, { key: 'secret', baseDir, environment });
    return secret ?? new Secret('');
  } catch (cause) {
    if (!TuringPiError.is(cause)) throw cause;
    throw new ProvisioningError('CREDENTIAL_UNREADABLE', cause.message, { cause, hint: cause.hint });
  }
}
