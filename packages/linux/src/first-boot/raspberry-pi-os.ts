import type { ImageFiles } from '@turingpi/image';
import { disableUnit, enableUnit, unitExists } from '../systemd/units.js';

const REGENERATE = '/usr/lib/raspberrypi-sys-mods/regenerate_ssh_host_keys';

/**
 * Keeps our host keys through Raspberry Pi OS's first boot.
 *
 * @remarks Its `init=` script calls this program directly before anything else starts, so disabling the unit is not
 * enough; and the script must stay, because it also grows the root filesystem and renews the disk id.
 */
export async function keepRaspberryPiHostKeys(root: ImageFiles): Promise<void> {
  await disableUnit(root, 'regenerate_ssh_host_keys.service');
  if (await root.exists(REGENERATE))
    await root.writeFile(
      REGENERATE,
      '#!/bin/sh\n# The host keys in /etc/ssh were made together with this image and are kept.\nexit 0\n',
    );
}

/** Skips the dialogue for the first user, which the image has already, as `cancel-rename` does. */
export async function quietRaspberryPiOs(root: ImageFiles): Promise<void> {
  await disableUnit(root, 'userconfig.service');
  await root.remove('/etc/ssh/sshd_config.d/rename_user.conf');
  await root.remove('/etc/xdg/autostart/piwiz.desktop');
  if (await unitExists(root, 'getty@.service')) await enableUnit(root, 'getty@tty1.service');
}

/** Switches the serial console on: without it the BMC's UART shows nothing. Settings of the image's owner stay. */
export async function enableSerialConsole(firmware: ImageFiles): Promise<void> {
  const text = await firmware.readText('/config.txt');
  if (text === undefined || /^\s*enable_uart\s*=/m.test(text)) return;
  await firmware.writeFile('/config.txt', `${text.replace(/\n*$/, '\n')}\n[all]\nenable_uart=1\n`);
}
