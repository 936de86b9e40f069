import { ImageError } from '../image-error.js';
import type { ImageBackend } from './image-backend.js';
import type { ImageBackendId } from './image-engine.js';

/** The backend that will edit an image, and why. */
export interface SelectedBackend {
  readonly backend: ImageBackend;
  readonly reason: string;
}

/**
 * Chooses a backend: the one asked for, or with `auto` the first that this host can run.
 *
 * @param backends - In order of preference.
 * @throws ImageError `IMAGE_NO_BACKEND` with the reason of every one that was passed over.
 */
export async function selectBackend(
  backends: readonly ImageBackend[],
  requested: ImageBackendId,
  signal: AbortSignal,
): Promise<SelectedBackend> {
  const candidates = requested === 'auto' ? backends : backends.filter(({ id }) => id === requested);
  const passedOver: string[] = [];
  for (const backend of candidates) {
    const why = await backend.unavailable(signal);
    if (why === undefined) return { backend, reason: reasonFor(backend.id, requested, passedOver) };
    if (requested !== 'auto' && why instanceof Error) throw why;
    passedOver.push(`${backend.id}: ${why instanceof Error ? why.message : why}`);
  }
  if (candidates.length === 0) passedOver.push(`${requested}: this installation does not have it`);
  throw new ImageError('IMAGE_NO_BACKEND', `No backend can edit the image (${passedOver.join('; ')}).`, {
    hint: `There are: ${backends.map(({ id }) => id).join(', ')}. ${candidates.length === 0 ? `Another one comes with its package, for example @turingpi/image-${requested}: install it beside this program.` : ''}`.trim(),
    details: { requested, passedOver },
  });
}

function reasonFor(id: ImageBackendId, requested: string, passedOver: readonly string[]): string {
  if (requested !== 'auto') return `${id} was asked for.`;
  if (passedOver.length > 0) return `${id} is the first that works here (${passedOver.join('; ')}).`;
  return `${id} is the default: it needs no root, no container and no decompressed image.`;
}
