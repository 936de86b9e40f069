import type { Context, CustomizedImage, PhaseEnvironment } from '@turingpi/core/plugin';
import { rebuildableOf } from '../image/rebuildable-image.js';
import type { OperatingSystem } from '../os/operating-system.js';

/**
 * What is in the base image that an image was made from, so that a later run knows it in another wrapping.
 *
 * @returns SHA-256 of the disk image, hex; undefined when it cannot be told, which is no failure. It is stopped when the
 * phase ends.
 */
export function baseContentOf(
  context: Context,
  system: OperatingSystem,
  image: CustomizedImage,
  { signal, cleanup, logger }: PhaseEnvironment,
): Promise<string | undefined> {
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const work = rebuildableOf(context, system, image, { password: '' }) // no password is needed for it
    .then((rebuildable) => rebuildable?.baseContent(either))
    .catch((error: unknown) => {
      logger.debug({ err: error }, 'the digest of what is in the base image was not computed');
      return undefined;
    });
  cleanup.defer('digest of the base image', async () => {
    stop.abort();
    await work;
  });
  return work;
}
