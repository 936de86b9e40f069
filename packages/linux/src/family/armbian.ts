import type { ImageFiles } from '@turingpi/image';
import type { ImageFamilyDefinition } from './image-family.js';

const WIZARD = '/root/.not_logged_in_yet';

/** Armbian, made of Debian or of Ubuntu: the same first boot whichever it is. */
export const armbian: ImageFamilyDefinition = {
  id: 'armbian',
  matches: ({ root }) => root.exists('/etc/armbian-release'),
  shippedLogin: { username: 'root', password: '1234' },
  wizard: async (root) => ((await root.exists(WIZARD)) ? 'armbian-wizard' : undefined),
  keepHostKeys: keepArmbianHostKeys,
  quietFirstBoot: quietArmbian,
};

/**
 * Makes Armbian's first boot leave alone what was prepared: no wizard, no new host keys.
 *
 * @remarks armbian-firstrun stays enabled, because it also works around hardware; only its key generation is switched
 * off, by its own setting. The wizard runs while `.not_logged_in_yet` exists, from consoles that log root in by themselves.
 */
async function quietArmbian(root: ImageFiles): Promise<void> {
  await root.remove(WIZARD);
  for (const unit of ['getty@.service.d', 'serial-getty@.service.d']) {
    const path = `/etc/systemd/system/${unit}/override.conf`;
    if (/--autologin\s+root/.test((await root.readText(path)) ?? '')) await root.remove(path);
  }
}

/** Switches off the generation of host keys at Armbian's first boot. */
async function keepArmbianHostKeys(root: ImageFiles): Promise<void> {
  const path = '/etc/default/armbian-firstrun';
  const kept = ((await root.readText(path)) ?? '')
    .split('\n')
    .filter((line) => line !== '' && !/OPENSSHD_REGENERATE_HOST_KEYS\s*=/.test(line));
  await root.writeFile(path, `${[...kept, 'OPENSSHD_REGENERATE_HOST_KEYS=false'].join('\n')}\n`);
}
