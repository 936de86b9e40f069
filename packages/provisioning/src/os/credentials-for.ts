import type { Context } from '@turingpi/core/plugin';
import { type CredentialPlan, isEmptyCredentials, planCredentials } from '../credential/credential-plan.js';
import type { FirstBootCredentials } from '../image/first-boot-credentials.js';
import type { OperatingSystem } from './operating-system.js';

/**
 * Plans first-boot settings for an operating system, and makes their password known as a secret.
 *
 * @returns Undefined when nothing is asked for.
 * @throws as {@link planCredentials}, and what the operating system throws.
 */
export async function credentialsFor(
  context: Pick<Context, 'environment' | 'registerSecret'>,
  system: Pick<OperatingSystem, 'checkCredentials'>,
  credentials: FirstBootCredentials | undefined,
): Promise<CredentialPlan | undefined> {
  if (credentials === undefined || isEmptyCredentials(credentials)) return undefined;
  const plan = await planCredentials(credentials, context.environment);
  if (plan.password) context.registerSecret(plan.password);
  system.checkCredentials?.(plan);
  return plan;
}
