import type { ImageFiles } from '@turingpi/image';
import { disableUnit, enableUnit, unitExists } from '../systemd/units.js';
import type { FamilyEvidence, ImageFamilyDefinition } from './image-family.js';

const REGENERATE = '/usr/lib/raspberrypi-sys-mods/regenerate_ssh_host_keys';

const common = {
  wiredInterface: { name: 'eth0', reason: 'Raspberry Pi OS turns predictable names off' },
  wizard: async (root: ImageFiles) =>
    (await root.exists('/usr/lib/userconf-pi')) ? ('raspberry-pi-wizard' as const) : undefined,
  keepHostKeys: keepRaspberryPiHostKeys,
  quietFirstBoot: quietRaspberryPiOs,
};

/** Raspberry Pi OS up to 12, set up by files on the boot partition. */
export const raspberryPiOsBookworm: ImageFamilyDefinition = {
  ...common,
  id: 'raspberry-pi-os-bookworm',
  matches: async (evidence) => evidence.cloudInit === 'absent' && (await isRaspberryPiOs(evidence)),
};

/** Raspberry Pi OS from 13 on, set up by cloud-init. */
export const raspberryPiOsTrixie: ImageFamilyDefinition = {
  ...common,
  id: 'raspberry-pi-os-trixie',
  matches: async (evidence) => evidence.cloudInit !== 'absent' && (await isRaspberryPiOs(evidence)),
  seedSwitchesSshOn: true,
};

async function isRaspberryPiOs({ root, distribution }: FamilyEvidence): Promise<boolean> {
  if (distribution.id !== 'debian') return false;
  return (await root.exists('/etc/rpi-issue')) || root.exists('/usr/lib/raspberrypi-sys-mods');
}

/**
 * Keeps our host keys through Raspberry Pi OS's first boot.
 *
 * @remarks Its `init=` script calls this program directly before anything else starts, so disabling the unit is not
 * enough; and the script must stay, because it also grows the root filesystem and renews the disk id.
 */
async function keepRaspberryPiHostKeys(root: ImageFiles): Promise<void> {
  await disableUnit(root, 'regenerate_ssh_host_keys.service');
  if (await root.exists(REGENERATE))
    await root.writeFile(
      REGENERATE,
      '#!/bin/sh\n# The host keys in /etc/ssh were made together with this image and are kept.\nexit 0\n',
    );
}

/** Skips the dialogue for the first user, which the image has already, as `cancel-rename` does. */
async function quietRaspberryPiOs(root: ImageFiles): Promise<void> {
  await disableUnit(root, 'userconfig.service');
  await root.remove('/etc/ssh/sshd_config.d/rename_user.conf');
  await root.remove('/etc/xdg/autostart/piwiz.desktop');
  if (await unitExists(root, 'getty@.service')) await enableUnit(root, 'getty@tty1.service');
}
