import type { ImageFiles } from '@turingpi/image';
import type { ImageNotice } from '@turingpi/provisioning';
import { LinuxError } from '../linux-error.js';
import { dropTomlKeys } from './drop-toml-keys.js';

/** What is asked of an image and would be contradicted by an earlier customisation. The host name always is. */
export interface AskedOfFirstBoot {
  readonly user: boolean;
  readonly timezone: boolean;
}

/** Settings that Raspberry Pi OS applies from its boot partition: `custom.toml`, and the coming `rpi-preseed.toml`. */
const SETTINGS_FILES = ['/custom.toml', '/rpi-preseed.toml'] as const;
/** `name:hash`: userconf-pi renames the first user to it. */
const USER_FILES = ['/userconf.txt', '/userconf'] as const;
/** What a script does that sets a host name, a user, or a way in. */
const SETS_WHAT_WE_SET =
  /imager_custom|hostnamectl|raspi-config|\/etc\/hostname|userconf|user(add|mod)|adduser|chpasswd|authorized_keys/;
/** How the script of Raspberry Pi Imager ends: it takes itself off the kernel's command line. */
const IMAGERS_OWN = /sed -i '?s\| systemd\.run\S*\|\|g?'? \S*cmdline\.txt/;

/** Its words on the command line; they only make sense together, the target is for the command alone. */
const OF_FIRST_RUN = /^systemd\.run(_\w+)?=|^systemd\.unit=kernel-command-line\.target$/;

/**
 * Takes an earlier customisation of Raspberry Pi OS off the boot partition, as far as it would overwrite at the first
 * boot what was asked for: it renames the first user, sets another host name, other keys.
 *
 * @remarks Wi-Fi, keyboard and whatever else is set there stays. Sources: raspberrypi-sys-mods (`init_config`,
 * `imager_custom`), userconf-pi, systemd-run-generator(8).
 * @throws LinuxError `FIRST_BOOT_CONTRADICTS` for a script that is not Imager's.
 */
export async function removeEarlierCustomisation(
  firmware: ImageFiles,
  asked: AskedOfFirstBoot,
): Promise<ImageNotice[]> {
  const notices: ImageNotice[] = [];
  const place = (path: string): string => `${firmware.fileSystem.label}:${path}`;
  const note = (path: string, message: string): void => void notices.push({ file: place(path), message });
  const script = await findFirstRunScript(firmware);
  if (script && !asked.user) note(script.path, 'sets a user and a host name at the first boot');
  else if (script) {
    await removeFirstRunScript(firmware, script, place(script.path));
    note(
      script.path,
      'an earlier customisation by Raspberry Pi Imager was taken out: it sets another user and name',
    );
  }
  const keys = [
    'system.hostname',
    ...(asked.user ? ['user', 'ssh'] : []),
    ...(asked.timezone ? ['locale.timezone'] : []),
  ];
  for (const path of SETTINGS_FILES) {
    const { text, dropped } = dropTomlKeys((await firmware.readText(path)) ?? '', keys);
    if (dropped.length === 0) continue;
    if (text === undefined) await firmware.remove(path);
    else await firmware.writeFile(path, text);
    note(path, `an earlier customisation was taken out: ${dropped.join(', ')}`);
  }
  for (const path of asked.user ? USER_FILES : []) {
    if (!(await firmware.exists(path))) continue;
    await firmware.remove(path);
    note(path, 'was taken out: it renames the first user');
  }
  return notices;
}

interface FirstRunScript {
  readonly path: string;
  readonly text: string;
}

/** The script on the boot partition that the kernel's command line starts, if it sets what we set. */
async function findFirstRunScript(firmware: ImageFiles): Promise<FirstRunScript | undefined> {
  const commandLine = (await firmware.readText('/cmdline.txt')) ?? '';
  const path = /(?:^|\s)systemd\.run="?\/boot(?:\/firmware)?(\/[^\s"]+)/.exec(commandLine)?.[1];
  const text = path === undefined ? undefined : await firmware.readText(path);
  return path !== undefined && text !== undefined && SETS_WHAT_WE_SET.test(text) ? { path, text } : undefined;
}

async function removeFirstRunScript(
  firmware: ImageFiles,
  { path, text }: FirstRunScript,
  place: string,
): Promise<void> {
  if (!IMAGERS_OWN.test(text))
    throw new LinuxError(
      'FIRST_BOOT_CONTRADICTS',
      `${place}, which the kernel's command line starts at the first boot, sets what the image is to be given: ` +
        'host name, user or keys',
      {
        hint: 'It is not the script of Raspberry Pi Imager, so it is not taken out. Remove it and its systemd.run= in cmdline.txt, or start from a fresh image.',
      },
    );
  await firmware.remove(path);
  const commandLine = (await firmware.readText('/cmdline.txt')) ?? '';
  const words = commandLine.split(/\s+/).filter((word) => word !== '' && !OF_FIRST_RUN.test(word));
  await firmware.writeFile('/cmdline.txt', `${words.join(' ')}\n`);
}
