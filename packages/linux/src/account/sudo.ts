import type { ImageFiles } from '@turingpi/image';

const PROGRAMS = ['/usr/bin/sudo', '/usr/local/bin/sudo'] as const;
const SUDOERS = '/etc/sudoers';
const INCLUDES_DIRECTORY = /^[#@]includedir\s+"?\/etc\/sudoers\.d\/?"?\s*$/m;

/** Whether the image has sudo, or will have it after its first boot. */
export async function hasSudo(root: ImageFiles, packages: readonly string[]): Promise<boolean> {
  if (packages.some((name) => /^sudo(-ldap)?([:=/]|$)/.test(name))) return true;
  for (const path of PROGRAMS) if (await root.exists(path)) return true;
  return false;
}

/** Lets a user do everything through sudo without a password, as cloud images do. */
export async function writeSudoers(root: ImageFiles, username: string): Promise<void> {
  await root.mkdir('/etc/sudoers.d');
  await root.writeFile(
    `/etc/sudoers.d/90-turingpi-${username}`,
    `${username} ALL=(ALL:ALL) NOPASSWD: ALL\n`,
    { mode: 0o440, uid: 0, gid: 0 },
  );
  const main = await root.readText(SUDOERS);
  // A hardened image may not read the directory. In this form older versions of sudo understand it, too.
  if (main !== undefined && !INCLUDES_DIRECTORY.test(main))
    await root.writeFile(SUDOERS, `${main.replace(/\n*$/, '\n')}#includedir /etc/sudoers.d\n`);
}
