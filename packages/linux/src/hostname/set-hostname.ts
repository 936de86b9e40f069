import type { ImageModifier } from '@turingpi/image';
import { checkHostname, renderHostsFile } from './hostname.js';

/** cloud-init would set the name that its data source gives, or a made-up one. */
export const KEEP_HOSTNAME = '/etc/cloud/cloud.cfg.d/99-turingpi-hostname.cfg';

export const KEEP_HOSTNAME_TEXT = 'preserve_hostname: true\n';

/**
 * Gives an image its hostname: `/etc/hostname`, `/etc/hosts`, and word to cloud-init to leave it.
 *
 * @throws LinuxError `HOSTNAME_INVALID`; ImageError of the files.
 */
export async function setHostname(image: ImageModifier, hostname: string): Promise<void> {
  checkHostname(hostname);
  await image.writeFile('/etc/hostname', `${hostname}\n`);
  const hosts = (await image.exists('/etc/hosts'))
    ? (await image.readFile('/etc/hosts')).toString('utf8')
    : undefined;
  await image.writeFile('/etc/hosts', renderHostsFile(hosts, hostname));
  if (await image.exists('/etc/cloud/cloud.cfg.d')) await image.writeFile(KEEP_HOSTNAME, KEEP_HOSTNAME_TEXT);
}
