import type { ImageFiles } from '@turingpi/image';
import { Accounts } from '../system/accounts.js';
import { unitState } from '../system/unit-files.js';
import { deleteHostKeys, makeMissingHostKeys } from './host-keys.js';

const REGENERATE = '/usr/lib/raspberrypi-sys-mods/regenerate_ssh_host_keys';

/** What Raspberry Pi OS's own first boot did. */
export interface RaspberryPiFirstBoot {
  readonly log: readonly string[];
  /** Whether the empty file `ssh` on the boot partition switches sshd on. */
  readonly startsSsh: boolean;
}

/** Does what Raspberry Pi OS (Bookworm) does at its first boot, as far as it matters for logging in. A simulation. */
export async function runRaspberryPiFirstBoot(
  root: ImageFiles,
  boot: ImageFiles | undefined,
): Promise<RaspberryPiFirstBoot> {
  const log: string[] = [];
  if (boot === undefined || !(await root.exists(REGENERATE))) return { log, startsSsh: false };
  const firstBoot = /\binit=\S*firstboot\b/.test((await textOf(boot, '/cmdline.txt')) ?? '');
  const regenerates = firstBoot || (await unitState(root, 'regenerate_ssh_host_keys.service')) === 'enabled';
  // An image may be told to keep its keys by a program that does nothing.
  if (regenerates && !/^exit 0$/m.test((await textOf(root, REGENERATE)) ?? '')) {
    await deleteHostKeys(root);
    await makeMissingHostKeys(root, ['ecdsa', 'ed25519']);
    log.push('Regenerated SSH host keys');
  }
  const userconf = await textOf(boot, '/userconf.txt');
  const [, name, hash] = /^([a-z_][a-z0-9_-]*):(\S+)\s*$/.exec(userconf ?? '') ?? [];
  if (
    name !== undefined &&
    hash !== undefined &&
    (await unitState(root, 'userconfig.service')) === 'enabled'
  ) {
    const accounts = new Accounts(root);
    // The renaming of the user `pi` is not simulated: only an existing user gets its password.
    if ((await accounts.find(name)) !== undefined) {
      await accounts.setShadow(name, hash, String(Math.floor(Date.now() / 86_400_000)));
      log.push(`Set the password of ${name}`);
    }
  }
  const switched = (await unitState(root, 'sshswitch.service')) === 'enabled';
  return { log, startsSsh: switched && ((await boot.exists('/ssh')) || (await boot.exists('/ssh.txt'))) };
}

async function textOf(files: ImageFiles, path: string): Promise<string | undefined> {
  return (await files.exists(path)) ? files.readText(path) : undefined;
}
