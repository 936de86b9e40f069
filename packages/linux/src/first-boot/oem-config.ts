import type { ImageFiles } from '@turingpi/image';
import { disableUnit, unitExists } from '../systemd/units.js';

const DEFAULT_TARGET = '/etc/systemd/system/default.target';

/** Whether Ubuntu's setup for new owners (desktop images) stands between the first boot and the first login. */
export async function isOemConfigDue(root: ImageFiles): Promise<boolean> {
  const stat = await root.lstat(DEFAULT_TARGET);
  return stat?.type === 'symlink' && (await root.readLink(DEFAULT_TARGET)).endsWith('/oem-config.target');
}

/** Skips Ubuntu's setup for new owners: the system starts as it would after it. */
export async function quietOemConfig(root: ImageFiles): Promise<void> {
  if (!(await isOemConfigDue(root))) return;
  const target = (await unitExists(root, 'graphical.target')) ? 'graphical.target' : 'multi-user.target';
  await root.symlink(`/lib/systemd/system/${target}`, DEFAULT_TARGET);
  await disableUnit(root, 'oem-config.service');
}
