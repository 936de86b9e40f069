import type { Context, CustomizedImage } from '@turingpi/core/plugin';
import { isFileOf } from '../image/file-of-image.js';
import type { FinishedImage } from './finish-image.js';

/** The image to write: one that holds what was asked for, that is there, and that was not installed before. */
export async function imageToWrite(
  { generations, planning }: Context,
  { image, holds, make }: FinishedImage,
): Promise<CustomizedImage> {
  if (!make) return image;
  const { generation } = image;
  if (!holds || generation === undefined || (await generations.wasInstalled(generation)))
    return make(await generations.next());
  const isForeseen = planning && image.sha256 === '';
  return isForeseen || (await isFileOf(image)) ? image : make(generation);
}
