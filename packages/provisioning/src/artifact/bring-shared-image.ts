import type { Context, CustomizedImage } from '@turingpi/core/plugin';
import type { TransferOptions } from './artifact-store.js';
import { SHARED_ARTIFACTS } from './shared-artifacts.js';

/**
 * Brings a customised image that another computer has made to where its record says. A plan only looks.
 *
 * @param image - with the absolute path
 * @returns Whether it is there, or would be.
 */
export async function bringSharedImage(
  context: Pick<Context, 'service' | 'planning' | 'environment'>,
  { path, sha256 }: Pick<CustomizedImage, 'path' | 'sha256'>,
  { signal, progress }: TransferOptions,
): Promise<boolean> {
  const shared = context.service(SHARED_ARTIFACTS);
  const artifact = { sha256, isSecret: true };
  const asker = { signal, progress, environment: context.environment };
  return context.planning ? shared.has(artifact, asker) : shared.bring(artifact, path, asker);
}
