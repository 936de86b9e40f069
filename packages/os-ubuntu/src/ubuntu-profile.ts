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
  firstUser: (image) => ({
    name: 'ubuntu',
    groups: GROUPS,
    ...(image.family === 'armbian' && { lockRoot: true }), // it ships with root's password 1234
  }),
  shippedLogin: (family) => {
    if (family === 'armbian') return { username: 'root', password: '1234' };
    // Canonical's own images for other machines have no password at all.
    const known = family === 'ubuntu-rockchip' || family === 'ubuntu-raspberry-pi';
    return known ? { username: 'ubuntu', password: 'ubuntu' } : undefined;
  },
};
