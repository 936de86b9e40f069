import type { ImageFiles } from '@turingpi/image';
import type { ImagePartitions } from '../detection/detected-image.js';

/** Written before the first boot, so that systemd fills it in: the file of machine-id(5). */
const MACHINE_ID = '/etc/machine-id';
const DBUS_MACHINE_ID = '/var/lib/dbus/machine-id';

/**
 * What a system makes for itself once and must not share, found in an image that has booted before. Each is made anew at
 * the next boot where it is missing.
 */
const PER_MACHINE: readonly string[] = [
  '/var/lib/systemd/random-seed', // systemd-random-seed(8): every node would start with the same pool
  '/var/lib/urandom/random-seed', // the same of sysvinit
  '/var/lib/NetworkManager/secret_key', // NetworkManager(8): decides stable addresses and DHCP client ids
  // Identifiers that DHCP servers and IPv6 know a machine by.
  '/etc/dhcpcd.duid',
  '/var/lib/dhcpcd/duid',
  '/var/lib/dhcpcd5/duid',
  // cloud-init's memory of the machine it ran on: the instance, what was done once, and the names it has set. Its
  // scripts and seeds are configuration and stay. A cached instance may win over our seed (`manual_cache_clean`).
  '/var/lib/cloud/instance',
  '/var/lib/cloud/instances',
  '/var/lib/cloud/data',
  '/var/lib/cloud/sem',
];

/** The key of systemd-creds(1), and the credentials that only this key opens. */
const CREDENTIAL_SECRET = '/var/lib/systemd/credential.secret';
const ENCRYPTED_CREDENTIALS = '/etc/credstore.encrypted';

/** Open-iSCSI: Debian and Ubuntu generate a name where the file says so; storage keeps nodes apart by it. */
const INITIATOR_NAME = '/etc/iscsi/initiatorname.iscsi';
const GENERATED_INITIATOR = /^InitiatorName=iqn\.(1993-08\.org\.debian|2004-10\.com\.ubuntu):01:[0-9a-f]+$/m;

/** The seed of systemd-boot, on the partition that it boots from. */
const LOADER_SEEDS = ['/loader/random-seed', '/EFI/systemd/random-seed'] as const;

/**
 * Takes out of an image what makes one machine differ from another, so that nodes made of it differ again.
 *
 * @remarks Host keys are not among it: ours replace them. What is no identity (logs, packages, accounts) stays.
 * @returns The files that were reset, for the log; empty for an image that never booted.
 */
export async function resetMachineIdentity({ root, others }: ImagePartitions): Promise<string[]> {
  const reset: string[] = [];
  if (await resetMachineId(root)) reset.push(MACHINE_ID);
  if (await resetDbusMachineId(root)) reset.push(DBUS_MACHINE_ID);
  const remove = async (files: ImageFiles, path: string): Promise<void> => {
    if ((await files.lstat(path)) === undefined) return;
    await files.remove(path);
    reset.push(path);
  };
  for (const path of PER_MACHINE) await remove(root, path);
  if (!(await hasEntries(root, ENCRYPTED_CREDENTIALS))) await remove(root, CREDENTIAL_SECRET);
  for (const { files } of others) for (const path of LOADER_SEEDS) await remove(files, path);
  if (GENERATED_INITIATOR.test((await root.readText(INITIATOR_NAME)) ?? '')) {
    await root.writeFile(INITIATOR_NAME, 'GenerateName=yes\n');
    reset.push(INITIATOR_NAME);
  }
  return reset;
}

/**
 * An empty file gets an id at the next boot. A missing one or `uninitialized` would as well, but would be a *first boot*
 * to systemd too (machine-id(5)), which presets every unit anew: units that somebody enabled or disabled stay as they
 * are. An image that is in one of these states was left so by its maker and stays so.
 */
async function resetMachineId(root: ImageFiles): Promise<boolean> {
  const id = ((await root.readText(MACHINE_ID)) ?? '').trim();
  if (id === '' || id === 'uninitialized') return false;
  await root.remove(MACHINE_ID); // it may be a link to another place, which keeps what it has
  await root.writeFile(MACHINE_ID, '', { mode: 0o444, uid: 0, gid: 0 });
  return true;
}

/** systemd takes the id of D-Bus for its own when it has none: a copy of it must not stay. */
async function resetDbusMachineId(root: ImageFiles): Promise<boolean> {
  if ((await root.lstat(DBUS_MACHINE_ID))?.type !== 'file') return false;
  await root.remove(DBUS_MACHINE_ID);
  await root.symlink(MACHINE_ID, DBUS_MACHINE_ID); // as Debian's dbus has it
  return true;
}

async function hasEntries(root: ImageFiles, path: string): Promise<boolean> {
  return (await root.exists(path)) && (await root.list(path)).length > 0;
}
