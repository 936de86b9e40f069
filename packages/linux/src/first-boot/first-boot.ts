/** What ends a first boot: cloud-init, our own first-boot service, or nothing but the end of the boot itself. */
export const FIRST_BOOTS = ['cloud-init', 'service', 'none'] as const;
export type FirstBoot = (typeof FIRST_BOOTS)[number];
