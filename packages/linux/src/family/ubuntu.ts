import type { ImageFamilyDefinition } from './image-family.js';

/** Canonical's first user, whose password must be changed at the first login. */
const shippedLogin = { username: 'ubuntu', password: 'ubuntu' };

/** Ubuntu for boards with an RK3588, as the RK1's makers publish it. */
export const ubuntuRockchip: ImageFamilyDefinition = {
  id: 'ubuntu-rockchip',
  matches: ({ distribution, board }) => distribution.id === 'ubuntu' && board === 'rockchip-rk3588',
  shippedLogin,
};

/** Ubuntu for the Raspberry Pi. */
export const ubuntuRaspberryPi: ImageFamilyDefinition = {
  id: 'ubuntu-raspberry-pi',
  matches: ({ distribution, board }) => distribution.id === 'ubuntu' && board === 'raspberry-pi',
  wiredInterface: { name: 'eth0', reason: '10-raspi-eth0.link fixes the name' },
  shippedLogin,
};

/** Ubuntu for other machines: nobody can log in to it before cloud-init has made somebody. */
export const ubuntu: ImageFamilyDefinition = {
  id: 'ubuntu',
  matches: ({ distribution }) => distribution.id === 'ubuntu',
};
