import type { Context, CustomizedImage } from '@turingpi/core/plugin';
import { nodeName } from '@turingpi/foundation';
import type { FirstBootCredentials } from './first-boot-credentials.js';

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

/** An image by what was asked of it: two of the same node and plan are made again the same way. */
function nameOf({ node }: Pick<Context, 'node'>, image: CustomizedImage): string | undefined {
  if (image.plan === undefined) return undefined;
  return `@turingpi/linux:image:${image.node ?? nodeName(node.id)}:${image.plan}`;
}

/** Notes how an image can be made again, for whoever comes with its record in this process. */
export function keepRebuild(
  context: Pick<Context, 'node' | 'makers'>,
  image: CustomizedImage,
  rebuildable: RebuildableImage,
): void {
  const name = nameOf(context, image);
  if (name !== undefined) context.makers.set(name, rebuildable);
}

/** How the image of a record can be made again; undefined for one that another process has made. */
export function rebuildableOf(
  context: Pick<Context, 'node' | 'makers'>,
  image: CustomizedImage,
): RebuildableImage | undefined {
  const name = nameOf(context, image);
  return name === undefined ? undefined : (context.makers.get(name) as RebuildableImage | undefined);
}
