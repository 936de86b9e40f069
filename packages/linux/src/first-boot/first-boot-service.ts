import type { ImageFiles } from '@turingpi/image';
import { LinuxError } from '../linux-error.js';
import { enableUnit } from '../systemd/units.js';

/** Exists on the node once our first-boot script has ended well. */
export const FIRST_BOOT_DONE = '/var/lib/turingpi/first-boot.done';
/** Exists when it has failed; its text is the end of the script's output. */
export const FIRST_BOOT_FAILED = '/var/lib/turingpi/first-boot.failed';

const SCRIPT = '/usr/local/lib/turingpi/first-boot';
const UNIT = 'turingpi-first-boot.service';

export interface FirstBootWork {
  readonly packages: readonly string[];
  readonly generateLocale: boolean;
}

/** @throws LinuxError `PACKAGE_NAME_INVALID` for what apt could take for an option or a shell for a command. */
export function checkPackageName(name: string): void {
  // Debian policy 5.6.1, with an optional architecture, version or release.
  if (!/^[a-z0-9][a-z0-9+.-]+(:[a-z0-9-]+)?([=/][A-Za-z0-9.+:~-]+)?$/.test(name))
    throw new LinuxError('PACKAGE_NAME_INVALID', `'${name}' is not a package name`, {
      hint: 'Names are like htop or python3-venv.',
    });
}

/** Renders the script; undefined when there is nothing to do. */
export function renderFirstBootScript(work: FirstBootWork): string | undefined {
  if (work.packages.length === 0 && !work.generateLocale) return undefined;
  return [
    '#!/bin/sh',
    '# Runs once, at the first boot with a network. Its output is in the journal of turingpi-first-boot.service.',
    'set -eu',
    'export DEBIAN_FRONTEND=noninteractive',
    `trap 'test $? -eq 0 || date > ${FIRST_BOOT_FAILED}' EXIT`,
    `rm -f ${FIRST_BOOT_FAILED}`,
    ...(work.generateLocale ? ['if command -v locale-gen >/dev/null; then locale-gen; fi'] : []),
    ...(work.packages.length > 0
      ? [
          'tries=0',
          'until apt-get -o DPkg::Lock::Timeout=300 update; do',
          '  tries=$((tries + 1))',
          '  test "$tries" -lt 5 || exit 1',
          '  sleep 10',
          'done',
          // A file that was put into the image may be a package's own: it stays, and nobody is there to be asked.
          `apt-get -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confold install --yes ${work.packages.join(' ')}`,
        ]
      : []),
    `touch ${FIRST_BOOT_DONE}`,
    '',
  ].join('\n');
}

/** Renders the unit that runs the script until it has succeeded once. */
export function renderFirstBootUnit(): string {
  return [
    '[Unit]',
    'Description=First boot of a node made by turingpi',
    `ConditionPathExists=!${FIRST_BOOT_DONE}`,
    'Wants=network-online.target',
    'After=network-online.target',
    '',
    '[Service]',
    'Type=oneshot',
    `ExecStart=${SCRIPT}`,
    'RemainAfterExit=yes',
    'TimeoutStartSec=infinity',
    '',
    '[Install]',
    'WantedBy=multi-user.target',
    '',
  ].join('\n');
}

/** Puts the first-boot work into an image without cloud-init. @returns whether there is any. */
export async function applyFirstBootWork(root: ImageFiles, work: FirstBootWork): Promise<boolean> {
  const script = renderFirstBootScript(work);
  if (script === undefined) return false;
  await root.mkdir('/var/lib/turingpi');
  await root.writeFile(SCRIPT, script, { mode: 0o755, uid: 0, gid: 0 });
  await root.writeFile(`/etc/systemd/system/${UNIT}`, renderFirstBootUnit(), { mode: 0o644 });
  await enableUnit(root, UNIT);
  return true;
}
