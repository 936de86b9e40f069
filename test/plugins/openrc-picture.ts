import path from 'node:path';
import { BackendImageEngine } from '@turingpi/image';
import { baseImagePath } from '@turingpi/virtual-node';

/** What Debian's openrc, initscripts, ifupdown and openssh-server have, as far as it is looked at. */
const FILES: Readonly<Record<string, string>> = {
  '/usr/sbin/openrc': '#!/bin/sh\n',
  '/usr/bin/sudo': '#!/bin/sh\n',
  '/etc/init.d/hostname.sh': '#!/bin/sh\n',
  '/etc/init.d/networking': '#!/bin/sh\n',
  '/etc/init.d/ssh': '#!/bin/sh\n',
  '/etc/ssh/sshd_config': 'Include /etc/ssh/sshd_config.d/*.conf\n',
  '/etc/ssh/ssh_host_rsa_key': 'of the maker of the image\n',
  '/etc/network/interfaces': 'source /etc/network/interfaces.d/*\n\nauto lo\niface lo inet loopback\n',
  '/etc/network/interfaces.d/wired': 'auto eth0\niface eth0 inet dhcp\n',
};

/**
 * Makes a picture of a Debian that is started by OpenRC: all its files are there, and none of them runs.
 *
 * @returns Its path.
 */
export async function makeOpenRcPicture(directory: string): Promise<string> {
  const { signal } = new AbortController();
  const cacheDir = path.join(directory, 'engine');
  await using image = await new BackendImageEngine().open(baseImagePath('rpi-debian.img.xz'), {
    signal,
    cacheDir,
  });
  const root = await image.files('root');
  for (const folder of ['/etc/systemd', '/usr/lib/systemd', '/etc/NetworkManager']) await root.remove(folder);
  for (const [file, content] of Object.entries(FILES)) await root.writeFile(file, content, { mode: 0o755 });
  for (const runlevel of ['boot', 'default']) await root.mkdir(`/etc/runlevels/${runlevel}`);
  await root.symlink('/etc/init.d/hostname.sh', '/etc/runlevels/sysinit/hostname.sh');
  const { path: file } = await image.save(path.join(directory, 'openrc.img'), { format: 'raw', signal });
  return file;
}
