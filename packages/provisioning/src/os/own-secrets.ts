import type { Context } from '@turingpi/core/plugin';
import type { Secret } from '@turingpi/foundation';
import { readSecretSource } from '../credential/read-secret-source.js';
import type { OperatingSystem } from './operating-system.js';

/**
 * Reads the secrets of an operating system's own, and makes them known as secrets.
 *
 * @throws ProvisioningError `CREDENTIAL_UNREADABLE`
 */
export async function ownSecretsOf(
  context: Pick<Context, 'environment' | 'registerSecret'>,
  { secretSources = {} }: Pick<OperatingSystem, 'secretSources'>,
): Promise<Readonly<Record<string, Secret>>> {
  const secrets: Record<string, Secret> = {};
  for (const [name, source] of Object.entries(secretSources)) {
    const secret = await readSecretSource(source, context.environment);
    context.registerSecret(secret);
    secrets[name] = secret;
  }
  return secrets;
}
