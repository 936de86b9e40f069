import type { CustomizedImage } from '@turingpi/core/plugin';
import type { FirstBootCredentials } from '@turingpi/provisioning';

/** How a customised image can be made again in the process that knows its builder. */
export interface RebuildableImage {
  /** What the image builder itself was told. */
  readonly credentials: FirstBootCredentials | undefined;
  /**
   * Makes the image again, from its base, with exactly these first-boot settings.
   *
   * @param generation - that of the earlier image for the same image again, the next one for another installation
   */
  rebuild(credentials: FirstBootCredentials | undefined, generation: number): Promise<CustomizedImage>;
  /** SHA-256 of the disk image in the base image's file: reads all of it the first time. */
  baseContent(signal: AbortSignal): Promise<string>;
}

const REBUILD = Symbol.for('@turingpi/linux:rebuild');

/** Attaches the ability to be rebuilt to a result; it is not part of its data and never serialised. */
export function attachRebuild(image: CustomizedImage, rebuildable: RebuildableImage): CustomizedImage {
  return Object.defineProperty({ ...image }, REBUILD, { value: rebuildable, enumerable: false });
}

/** Undefined for a record that comes from elsewhere, for example from a file. */
export function rebuildableOf(image: CustomizedImage): RebuildableImage | undefined {
  return (image as { readonly [REBUILD]?: RebuildableImage })[REBUILD];
}
