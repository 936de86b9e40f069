import type { Context, CustomizedImage } from '@turingpi/core/plugin';
import type { TransferOptions } from '../artifact/artifact-store.js';
import { bringSharedImage } from '../artifact/bring-shared-image.js';
import { isFileOf } from '../image/file-of-image.js';
import type { FinishedImage } from './finish-image.js';

/**
 * The image to write: one that holds what was asked for, that is there or can be had from where images are shared, and that
 * was not installed before.
 */
export async function imageToWrite(
  context: Context,
  { image, holds, make }: FinishedImage,
  options: TransferOptions,
): Promise<CustomizedImage> {
  const { generations, planning } = context;
  if (!make) return image;
  const { generation } = image;
  if (!holds || generation === undefined || (await generations.wasInstalled(generation)))
    return make(await generations.next());
  const isForeseen = planning && image.sha256 === '';
  const isAtHand = isForeseen || (await isFileOf(image)) || (await bringSharedImage(context, image, options));
  return isAtHand ? image : make(generation);
}
