import type { ImageModifier } from '@turingpi/core/plugin';
import { type ImageRecording, type ImageSession, recordImageModifications } from '@turingpi/image';

type PreInstall = (image: ImageModifier) => Promise<void>;

/**
 * Records what the `withPreInstall` callbacks do, one after the other, against the base image.
 *
 * @param openBase - opens the base image; called only when there is a callback
 * @returns Undefined when there is no callback.
 */
export async function recordPreInstall(
  callbacks: readonly PreInstall[],
  openBase: () => Promise<ImageSession>,
  signal: AbortSignal,
): Promise<ImageRecording | undefined> {
  if (callbacks.length === 0) return undefined;
  await using base = await openBase();
  return await recordImageModifications(
    async (image) => {
      for (const callback of callbacks) await callback(image);
    },
    base,
    { signal },
  );
}
