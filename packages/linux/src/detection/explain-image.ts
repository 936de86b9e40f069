import type { DetectedImage } from './detected-image.js';

/** One finding about an image: what it is called, what was found, and why we think so. */
export interface ImageFinding {
  readonly topic: string;
  readonly value: string;
  readonly reason: string;
}

const FIRST_LOGIN: Readonly<Record<DetectedImage['firstLogin'], string>> = {
  none: 'nothing asks for a user or a password',
  'armbian-wizard': "Armbian's wizard would ask; it is skipped when a user is given",
  'raspberry-pi-wizard': "Raspberry Pi OS's dialogue would ask; it is skipped when a user is given",
  'oem-config-wizard':
    "Ubuntu's setup for new owners would ask on the screen; it is skipped when a user is given",
  'expired-password': 'a password must be changed at the first login; a user that is given replaces it',
};

function networkMethod({ network }: DetectedImage): string {
  switch (network.stack) {
    case 'netplan':
      return `netplan file, renderer ${network.renderer}`;
    case 'network-manager':
      return 'NetworkManager profile';
    case 'systemd-networkd':
      return 'systemd-networkd file';
    case 'ifupdown':
      return '/etc/network/interfaces';
    case 'unknown':
      return 'none';
  }
}

/** Says for people what an image is, which method will be used on it, and why. */
export function explainImage(image: DetectedImage): readonly ImageFinding[] {
  const { cloudInit } = image;
  const seeded = cloudInit.state === 'enabled';
  return [
    { topic: 'distribution', value: image.distribution.name, reason: 'os-release' },
    { topic: 'family', value: image.family, reason: 'its packages and boot files' },
    { topic: 'board', value: image.board, reason: image.boardReason },
    { topic: 'network', value: networkMethod(image), reason: image.network.reason },
    { topic: 'cloud-init', value: cloudInit.state, reason: cloudInit.reason },
    {
      topic: 'users and keys',
      value: seeded ? 'account files and the cloud-init seed' : 'account files',
      reason: seeded ? 'cloud-init must agree with what is there' : 'nothing else would make them',
    },
    { topic: 'first login', value: image.firstLogin, reason: FIRST_LOGIN[image.firstLogin] },
    { topic: 'interface', value: image.interfaceName ?? 'matched as e*', reason: image.interfaceReason },
  ];
}
