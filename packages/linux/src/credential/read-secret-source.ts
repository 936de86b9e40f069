import { cwd } from 'node:process';
import { type Context, readSecret } from '@turingpi/core/plugin';
import { Secret, type SecretSource, TuringPiError } from '@turingpi/foundation';
import { LinuxError } from '../linux-error.js';

/**
 * Reads a secret from where it is; what editors and shells put around it does not belong to it.
 *
 * @param environment - where variables are looked up: that of the context, where there is one
 * @throws LinuxError `CREDENTIAL_UNREADABLE` naming the variable or file, never the value.
 */
export async function readSecretSource(
  source: SecretSource,
  environment: Context['environment'],
): Promise<Secret> {
  if (Secret.is(source)) return source;
  try {
    const secret = await readSecret(source, { key: 'password', baseDir: cwd(), environment });
    return secret ?? new Secret('');
  } catch (cause) {
    if (!TuringPiError.is(cause)) throw cause;
    throw new LinuxError('CREDENTIAL_UNREADABLE', cause.message, { cause, hint: cause.hint });
  }
}
