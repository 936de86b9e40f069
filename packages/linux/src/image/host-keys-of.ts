import type { CustomizedImage, Logger } from '@turingpi/core/plugin';
import { ImageError, type ImageSession } from '@turingpi/image';
import type { HostKeyPair } from '@turingpi/runtime';
import { readHostKeys } from '../ssh/host-keys.js';

/**
 * The host keys of an image that was made before, for another one of the same node.
 *
 * @returns Undefined, with a warning, when the image is gone or has other keys than its record says.
 */
export async function hostKeysOf(
  { path, hostKeys }: CustomizedImage,
  open: () => Promise<ImageSession>,
  logger: Logger,
): Promise<readonly HostKeyPair[] | undefined> {
  let reason: unknown;
  try {
    await using session = await open();
    const found = await readHostKeys(await session.files('root'), hostKeys);
    if (found) return found;
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    reason = error;
  }
  logger.warn({ path, err: reason }, 'the node gets new host keys: its own are not in its image');
  return undefined;
}
