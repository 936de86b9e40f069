import { stat } from 'node:fs/promises';
import type { CustomizedImage } from '@turingpi/core/plugin';

/** Whether there is a file where an image's record says, of the length that it says. Does not read it. */
export async function isFileOf({ path, sizeBytes }: CustomizedImage): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() === true && found.size === sizeBytes;
}
