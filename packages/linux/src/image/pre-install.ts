import type { ImageModifier } from '@turingpi/core/plugin';
import { type ImageRecording, type ImageSession, recordImageModifications } from '@turingpi/image';

type PreInstall = (image: ImageModifier) => Promise<void>;

/**
 * Records what the `withPreInstall` callbacks do, one after the other.
 *
 * @param openImage - opens the image that the callbacks read from; called only when there is a callback
 * @returns Undefined when there is no callback.
 */
export async function recordPreInstall(
  callbacks: readonly PreInstall[],
  openImage: () => Promise<ImageSession>,
  signal: AbortSignal,
): Promise<ImageRecording | undefined> {
  if (callbacks.length === 0) return undefined;
  await using image = await openImage();
  return await recordImageModifications(
    async (modifier) => {
      for (const callback of callbacks) await callback(modifier);
    },
    image,
    { signal },
  );
}
