import type { LinuxProfile } from '@turingpi/linux';

/** The groups of the first user in Debian's installer and cloud images. */
const GROUPS = [
  'adm',
  'audio',
  'cdrom',
  'dialout',
  'dip',
  'floppy',
  'netdev',
  'plugdev',
  'sudo',
  'video',
] as const;
/** Besides, what Raspberry Pi OS gives to its first user. */
const RASPBERRY_PI_GROUPS = [
  ...GROUPS,
  'games',
  'users',
  'input',
  'render',
  'gpio',
  'i2c',
  'spi',
  'lpadmin',
] as const;

/** Debian: Raspberry Pi OS, Armbian, and plain Debian with or without cloud-init. */
export const debianProfile: LinuxProfile = {
  id: 'debian',
  distribution: 'debian',
  firstUser: (image) => {
    if (image.family.startsWith('raspberry-pi-os'))
      return { name: 'pi', groups: RASPBERRY_PI_GROUPS, renames: 'pi' };
    return { name: 'debian', groups: GROUPS };
  },
};
