import type { ImageFiles } from '@turingpi/image';
import { LinuxError } from '../linux-error.js';
import type { Distribution } from './detected-image.js';
import { parseOsRelease } from './os-release.js';

/**
 * Reads which distribution an image holds.
 *
 * @remarks Armbian may name itself in `/etc/os-release`; the distribution's own file is then `/usr/lib/os-release`.
 * @throws LinuxError `OS_UNKNOWN`
 */
export async function detectDistribution(root: ImageFiles): Promise<Distribution> {
  const files = ['/etc/os-release', '/usr/lib/os-release'];
  const found = [];
  for (const path of files) {
    const text = await root.readText(path);
    if (text !== undefined) found.push(parseOsRelease(text));
  }
  const release = found.find((values) => /^(ubuntu|debian)$/.test(values.get('ID') ?? '')) ?? found[0];
  if (!release)
    throw new LinuxError(
      'OS_UNKNOWN',
      'the image has no /etc/os-release: no Linux distribution was recognised',
      {
        hint: 'Is this an installed-system image (not an installer or a rescue medium)?',
      },
    );
  const like = (release.get('ID_LIKE') ?? '').split(/\s+/);
  const id = release.get('ID') ?? '';
  // Raspberry Pi OS of 32 bits calls itself raspbian; derivatives say what they are like.
  const base = ['ubuntu', 'debian'].includes(id)
    ? id
    : (['ubuntu', 'debian'].find((name) => like.includes(name)) ?? id);
  return {
    id: base,
    version: release.get('VERSION_ID') ?? '',
    codename: release.get('VERSION_CODENAME') ?? '',
    name: release.get('PRETTY_NAME') ?? release.get('NAME') ?? id,
  };
}
