import type { ImageModifier } from '@turingpi/image';
import {
  type ImageAnswers,
  type ImageRecording,
  type ImageSession,
  recordImageModifications,
  RememberedImage,
} from '@turingpi/image/customization';

type PreInstall = (image: ImageModifier) => Promise<void>;

/** The image that callbacks read from. */
export interface ReadImage {
  /** What it answered before. */
  readonly known: () => Promise<ImageAnswers | undefined>;
  /** Opens it; called only when a callback asks what is not known. */
  readonly open: () => Promise<ImageSession>;
  /** Keeps what it answered. */
  readonly keep: (answers: ImageAnswers) => Promise<void>;
}

/**
 * Records what the `withPreInstall` callbacks do, one after the other.
 *
 * @returns Undefined when there is nothing that they do.
 */
export async function recordPreInstall(
  callbacks: readonly PreInstall[],
  { known, open, keep }: ReadImage,
  signal: AbortSignal,
): Promise<ImageRecording | undefined> {
  if (callbacks.length === 0) return undefined;
  let opening: Promise<ImageSession> | undefined;
  const image = new RememberedImage(await known(), () => (opening = open()));
  try {
    const recording = await recordImageModifications(
      async (modifier) => {
        for (const callback of callbacks) await callback(modifier);
      },
      image,
      { signal },
    );
    if (image.hasLearnt) await keep(image.answers);
    return recording.operations.length === 0 ? undefined : recording;
  } finally {
    await (await opening?.catch(() => undefined))?.[Symbol.asyncDispose]();
  }
}
