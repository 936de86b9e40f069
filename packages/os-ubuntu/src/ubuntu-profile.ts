import type { LinuxProfile } from '@turingpi/linux';

/** The groups of the default user in Ubuntu's cloud images. */
const GROUPS = [
  'adm',
  'audio',
  'cdrom',
  'dialout',
  'dip',
  'lxd',
  'netdev',
  'plugdev',
  'sudo',
  'video',
] as const;

/** Ubuntu: for the RK1 (both layouts), for the Raspberry Pi, and Armbian made of Ubuntu. */
export const ubuntuProfile: LinuxProfile = {
  id: 'ubuntu',
  distribution: 'ubuntu',
  firstUser: () => ({ name: 'ubuntu', groups: GROUPS }),
};
