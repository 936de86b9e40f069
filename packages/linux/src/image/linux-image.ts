import type { CustomizedImage } from '@turingpi/core/plugin';
import { IMAGE_FAMILIES, type ImageFamily, type NetworkStack } from '../detection/detected-image.js';
import { FIRST_BOOTS, type FirstBoot } from '../first-boot/first-boot.js';

/** What later phases need to know of an image with Linux in it. */
export interface LinuxImage {
  /** The user to log in as. */
  readonly username: string;
  readonly family: ImageFamily;
  /** What ends the first boot. */
  readonly firstBoot: FirstBoot;
  /** What sets up the network, for people. */
  readonly network: NetworkStack;
}

declare module '@turingpi/core/plugin' {
  interface CustomizedImage {
    /** Undefined in records of earlier versions, which kept the same under `facts`, and for other systems. */
    readonly linux?: LinuxImage;
  }
}

/** What a record says that is fit for use. */
export type ReadLinuxImage = Partial<Pick<LinuxImage, 'username' | 'family' | 'firstBoot'>>;

/** Reads what an image's record says of its Linux: it may come from a file, and of an earlier version. */
export function linuxImageOf(image: Pick<CustomizedImage, 'linux' | 'facts'>): ReadLinuxImage {
  const { username, family, firstBoot }: Readonly<Record<string, unknown>> = {
    ...(image.linux ?? image.facts),
  };
  return {
    ...(typeof username === 'string' && username !== '' && { username }),
    ...(isOneOf(IMAGE_FAMILIES, family) && { family }),
    ...(isOneOf(FIRST_BOOTS, firstBoot) && { firstBoot }),
  };
}

function isOneOf<T extends string>(values: readonly T[], value: unknown): value is T {
  return (values as readonly unknown[]).includes(value);
}
