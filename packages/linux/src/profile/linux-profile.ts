import type { DetectedImage } from '../detection/detected-image.js';

/** Who is the first user of an image when nothing else is said, and what becomes of the accounts it ships. */
export interface FirstUserProfile {
  readonly name: string;
  /** Groups to be in, as far as the image has them. */
  readonly groups: readonly string[];
  /** An account of the image's maker that becomes the first user. */
  readonly renames?: string;
}

/** What an operating system plugin adds to the common Linux blocks. */
export interface LinuxProfile {
  /** The driver's id, for example `ubuntu`. */
  readonly id: string;
  /** The `ID` that os-release must state (or be like). */
  readonly distribution: string;
  firstUser(image: DetectedImage): FirstUserProfile;
}
