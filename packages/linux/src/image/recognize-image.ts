import type { ImageSession } from '@turingpi/image/customization';
import { checkFit } from '../detection/check-fit.js';
import { detectImage } from '../detection/detect-image.js';
import type { DetectedImage, ImagePartitions } from '../detection/detected-image.js';
import { readPartitions } from '../detection/read-partitions.js';
import type { LinuxProfile } from '../profile/linux-profile.js';

/** What an image must be. */
export interface ImageExpectation {
  readonly profile: LinuxProfile;
  readonly boardType: string;
  /** Take it whatever it is. */
  readonly acceptMismatch: boolean;
}

export interface RecognizedImage {
  readonly partitions: ImagePartitions;
  readonly detected: DetectedImage;
}

/**
 * Looks into an image, and refuses one that does not fit.
 *
 * @throws LinuxError `OS_UNKNOWN`, `OS_MISMATCH`, `BOARD_MISMATCH`
 */
export async function recognizeImage(
  session: ImageSession,
  { profile, boardType, acceptMismatch }: ImageExpectation,
): Promise<RecognizedImage> {
  const partitions = await readPartitions(session);
  const detected = await detectImage(partitions);
  if (!acceptMismatch) checkFit(detected, { distribution: profile.distribution, boardType });
  return { partitions, detected };
}
