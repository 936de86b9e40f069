import type { ImageModifier } from '@turingpi/core/plugin';
import { type ImageRecording, type ImageSession, recordImageModifications } from '@turingpi/image';

type PreInstall = (image: ImageModifier) => Promise<void>;

/**
 * Records what the `withPreInstall` callbacks do, one after the other.
 *
 * @param openImage - opens the image that the callbacks read from; called only when one of them touches it
 * @returns Undefined when there is nothing that they do.
 */
export async function recordPreInstall(
  callbacks: readonly PreInstall[],
  openImage: () => Promise<ImageSession>,
  signal: AbortSignal,
): Promise<ImageRecording | undefined> {
  if (callbacks.length === 0) return undefined;
  let opening: Promise<ImageSession> | undefined;
  const image: Pick<ImageSession, 'files'> = {
    files: async (selector) => (await (opening ??= openImage())).files(selector),
  };
  try {
    const recording = await recordImageModifications(
      async (modifier) => {
        for (const callback of callbacks) await callback(modifier);
      },
      image,
      { signal },
    );
    return recording.operations.length === 0 ? undefined : recording;
  } finally {
    await (await opening?.catch(() => undefined))?.[Symbol.asyncDispose]();
  }
}
