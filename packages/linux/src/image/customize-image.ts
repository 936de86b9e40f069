import type { HostKeyPair } from '@turingpi/runtime';
import type { ImageFiles } from '@turingpi/image';
import { keyOf } from '../account/authorized-keys.js';
import { applyFirstUser, type MadeUser } from '../account/first-user.js';
import { hasSudo } from '../account/sudo.js';
import { writeSeed } from '../cloud-init/seed.js';
import type { CredentialPlan } from '@turingpi/provisioning';
import type { DetectedImage, ImagePartitions } from '../detection/detected-image.js';
import type { ImageNotice } from '@turingpi/provisioning';
import { familyOf } from '../family/families.js';
import type { FirstBoot } from '../first-boot/first-boot.js';
import { applyFirstBootWork } from '../first-boot/first-boot-service.js';
import { quietOemConfig } from '../first-boot/oem-config.js';
import { enableSerialConsole } from '../first-boot/serial-console.js';
import { removeEarlierCustomisation } from '../first-boot/raspberry-pi-leftovers.js';
import { renderHostsFile } from '../hostname/hostname.js';
import { resetMachineIdentity } from '../identity/machine-identity.js';
import { LinuxError } from '../linux-error.js';
import { applyLocale, applyTimezone, isBuiltInLocale, listLocale } from '../locale/locale.js';
import { applyNetwork } from '../network/apply-network.js';
import { renderCloudNetworkConfig } from '../network/netplan.js';
import type { NetworkPlan } from '../network/network-plan.js';
import type { LinuxProfile } from '../profile/linux-profile.js';
import { writeHostKeys } from '../ssh/host-keys.js';
import { applySshServer } from '../ssh/ssh-server.js';
import type { SshLogin } from '../ssh/sshd-access.js';

/** What an image is to become. */
export interface Customization {
  readonly network: NetworkPlan;
  readonly credentials: CredentialPlan | undefined;
  /** The password of the first user as it goes into `/etc/shadow`. */
  readonly passwordHash: string | undefined;
  readonly hostKeys: readonly HostKeyPair[];
  readonly profile: LinuxProfile;
  /** Whether later phases run commands as root: then an image without sudo is no use. */
  readonly requiresSudo?: boolean;
  /** What cloud-init knows the installation by: a new one makes it take the node for a new machine. */
  readonly instanceId: string;
}

/** What later phases need to know of the image. */
export interface CustomizationResult {
  readonly username: string;
  /** How to tell that the first boot is over. */
  readonly firstBoot: FirstBoot;
  /** How the first user gets in; undefined when none is asked for. */
  readonly login: SshLogin | undefined;
  /** Files with the identity of the machine that the image ran on, which each node makes anew. */
  readonly resetIdentity: readonly string[];
  /** What was found in the image and is not there any more, or may surprise. */
  readonly notices: readonly ImageNotice[];
}

/** Whether SSH takes passwords: as asked, else only when a password is the one way in. */
function passwordAuthenticationOf(credentials: CredentialPlan | undefined): boolean | undefined {
  if (!credentials) return undefined;
  if (credentials.passwordAuthentication !== undefined) return credentials.passwordAuthentication;
  if (credentials.sshKeys.length > 0) return false;
  return credentials.password ? true : undefined;
}

/** Whether anything is asked about an account; time zone and packages alone leave the image's accounts as they are. */
function asksForUser(credentials: CredentialPlan | undefined): credentials is CredentialPlan {
  return (
    credentials !== undefined &&
    (credentials.username !== undefined ||
      credentials.password !== undefined ||
      credentials.sshKeys.length > 0)
  );
}

/** @throws LinuxError `SUDO_MISSING` when commands are to run as root and could not. */
async function checkSudo(
  root: ImageFiles,
  username: string,
  { credentials, requiresSudo = false }: Customization,
): Promise<ImageNotice[]> {
  if (username === 'root' || (await hasSudo(root, credentials?.packages ?? []))) return [];
  if (requiresSudo)
    throw new LinuxError(
      'SUDO_MISSING',
      `the image has no /usr/bin/sudo, and ${username} is to run commands as root over SSH`,
      { hint: 'Add sudo to packages, log in as root (user.name: root), or use an image that has sudo.' },
    );
  return [
    { file: '/usr/bin/sudo', message: `the image has no sudo: ${username} cannot run commands as root` },
  ];
}

function sshLoginOf(
  { entry, groups, passwordLocked }: MadeUser,
  sshKeys: readonly string[],
  passwordAuthentication: boolean | undefined,
): SshLogin {
  return {
    username: entry.name,
    groups,
    home: entry.home,
    keyTypes: sshKeys.map((key) => keyOf(key).split(' ')[0] ?? ''),
    passwordLocked,
    passwordAuthentication,
  };
}

/**
 * Writes everything that must be true at first boot into an image: into its files directly, and, where cloud-init
 * will run, into its seed as well, so that both say the same.
 */
export async function customizeImage(
  partitions: ImagePartitions,
  image: DetectedImage,
  customization: Customization,
): Promise<CustomizationResult> {
  const { root } = partitions;
  const { network, credentials, passwordHash, hostKeys, profile } = customization;
  const family = familyOf(image.family);
  const defaults = profile.firstUser(image);
  // Accounts that are left as they come have the names that they come with.
  const username = asksForUser(credentials)
    ? (credentials.username ?? defaults.name)
    : (family.shippedLogin?.username ?? defaults.name);
  const passwordAuthentication = passwordAuthenticationOf(credentials);

  const sudoNotices = await checkSudo(root, username, customization);
  const resetIdentity = await resetMachineIdentity(partitions);
  await root.writeFile('/etc/hostname', `${network.hostname}\n`);
  await root.writeFile('/etc/hosts', renderHostsFile(await root.readText('/etc/hosts'), network.hostname));
  await applyNetwork(root, network, image.network);
  await writeHostKeys(root, hostKeys);
  await family.keepHostKeys?.(root);
  if (image.firmware) await enableSerialConsole(image.firmware);
  const leftovers = image.firmware
    ? await removeEarlierCustomisation(image.firmware, {
        user: asksForUser(credentials),
        timezone: credentials?.timezone !== undefined,
      })
    : [];

  const user = asksForUser(credentials)
    ? { name: username, passwordHash, sshKeys: credentials.sshKeys }
    : undefined;
  let made: MadeUser | undefined;
  if (user) {
    // A password of root's that everybody knows is no way in any more.
    const lockRoot = family.shippedLogin?.username === 'root';
    made = await applyFirstUser(root, user, { ...defaults, lockRoot });
    await family.quietFirstBoot?.(root);
    if (image.firstLogin === 'oem-config-wizard') await quietOemConfig(root);
  }
  const login = made && credentials && sshLoginOf(made, credentials.sshKeys, passwordAuthentication);
  const sshNotices = await applySshServer(
    root,
    { passwordAuthentication, permitRootPassword: username === 'root' && passwordAuthentication === true },
    {
      login,
      place: {
        hostKeyPaths: hostKeys.map(({ path }) => path),
        addresses: network.addresses.map(({ address }) => address.text),
      },
    },
  );
  if (credentials?.timezone !== undefined) await applyTimezone(root, credentials.timezone);

  const found = {
    username,
    login,
    resetIdentity,
    notices: [...sudoNotices, ...leftovers, ...(made?.notices ?? []), ...sshNotices],
  };
  const { seed } = image.cloudInit;
  // cloud-init makes a locale only where the system does not state it yet: stating it here would leave it unmade.
  if (credentials?.locale !== undefined) await (seed ? listLocale : applyLocale)(root, credentials.locale);
  if (seed) {
    await writeSeed(root, seed, {
      hostname: network.hostname,
      instanceId: customization.instanceId,
      networkConfig: renderCloudNetworkConfig(network),
      user: user && made && { ...user, passwordLocked: made.passwordLocked },
      groups: defaults.groups,
      passwordAuthentication,
      timezone: credentials?.timezone,
      locale: credentials?.locale,
      packages: credentials?.packages ?? [],
      hostKeyTypes: hostKeys.map(({ type }) => type),
      switchesSshOn: family.seedSwitchesSshOn === true,
    });
    return { ...found, firstBoot: 'cloud-init' };
  }
  const work = await applyFirstBootWork(root, {
    packages: credentials?.packages ?? [],
    generateLocale: credentials?.locale !== undefined && !isBuiltInLocale(credentials.locale),
  });
  return { ...found, firstBoot: work ? 'service' : 'none' };
}
