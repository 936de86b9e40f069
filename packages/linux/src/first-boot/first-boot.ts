import type { CustomizedImage } from '@turingpi/core/plugin';

/** What ends a first boot: cloud-init, our own first-boot service, or nothing but the end of the boot itself. */
export type FirstBoot = 'cloud-init' | 'service' | 'none';

/** What the image builder recorded about the first boot of its image. */
export function firstBootOf({ facts }: CustomizedImage): FirstBoot {
  const { firstBoot } = facts;
  return firstBoot === 'cloud-init' || firstBoot === 'service' ? firstBoot : 'none';
}
