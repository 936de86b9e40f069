import type { ImageFiles } from '@turingpi/image';
import { enableUnit, isUnitEnabled, unitExists } from '../systemd/units.js';

export interface SshServerSettings {
  readonly passwordAuthentication: boolean;
  /** Only needed when somebody logs in as root with a password. */
  readonly permitRootPassword: boolean;
}

/** Renders our part of sshd's configuration; the first value said wins, so the file's name must sort early. */
export function renderSshdDropIn(settings: SshServerSettings): string {
  const word = settings.passwordAuthentication ? 'yes' : 'no';
  return [
    `PasswordAuthentication ${word}`,
    `KbdInteractiveAuthentication ${word}`,
    ...(settings.permitRootPassword ? ['PermitRootLogin yes'] : []),
    '',
  ].join('\n');
}

/** Writes the settings, makes sure that sshd reads them, and that it starts at boot. */
export async function applySshServer(root: ImageFiles, settings: SshServerSettings): Promise<void> {
  await root.writeFile('/etc/ssh/sshd_config.d/10-turingpi.conf', renderSshdDropIn(settings), {
    mode: 0o644,
  });
  const main = await root.readText('/etc/ssh/sshd_config');
  if (main !== undefined && !/^\s*Include\s+.*sshd_config\.d/m.test(main))
    await root.writeFile('/etc/ssh/sshd_config', `Include /etc/ssh/sshd_config.d/*.conf\n${main}`);
  const enabled = (await isUnitEnabled(root, 'ssh.service')) || (await isUnitEnabled(root, 'ssh.socket'));
  if (!enabled && (await unitExists(root, 'ssh.service'))) await enableUnit(root, 'ssh.service');
  await root.remove('/etc/ssh/sshd_not_to_be_run');
}
