import { parseDocument, type Document, isMap } from 'yaml';
import type { ImageFiles } from '@turingpi/image';
import { findForeignDatasources, SEED_DIRECTORY } from '../detection/detect-cloud-init.js';
import type { SeedPlace } from '../detection/detected-image.js';
import type { FirstUser, MadeUser } from '../account/first-user.js';
import { LinuxError } from '../linux-error.js';

/** What our part of the seed says. */
export interface SeedSettings {
  readonly hostname: string;
  /** New for each installation: cloud-init then treats the node as a new machine. */
  readonly instanceId: string;
  /** cloud-init's network configuration, version 2. */
  readonly networkConfig: string;
  /** The user as asked for and as made in the image: what cloud-init says must be what the files say. */
  readonly user: (FirstUser & Pick<MadeUser, 'passwordLocked'>) | undefined;
  readonly groups: readonly string[];
  readonly passwordAuthentication: boolean | undefined;
  readonly timezone: string | undefined;
  readonly locale: string | undefined;
  readonly packages: readonly string[];
  /** Types of the host keys that are in the image; no others are to be made. */
  readonly hostKeyTypes: readonly string[];
  /** Raspberry Pi OS: what its own cloud-init modules need. */
  readonly switchesSshOn: boolean;
}

const HEADER = '#cloud-config';
/** Keys and hashes stay on one line each: easier to read, and to search. */
const LAYOUT = { lineWidth: 0 } as const;

/** cloud-init's name for an installation: another one makes it treat the node as a new machine. */
export function instanceIdOf(hostname: string, installationId: string): string {
  return `turingpi-${hostname}-${installationId}`;
}

/**
 * Renders user-data: what the image ships, with our settings over it.
 *
 * @param shipped - user-data of the image; anything but cloud-config (a script, a MIME archive) is replaced
 * @throws LinuxError `SEED_INVALID` when it claims to be cloud-config and is not YAML
 */
export function renderUserData(shipped: string | undefined, settings: SeedSettings): string {
  const document = readCloudConfig(shipped);
  const set = (key: string, value: unknown): void => document.set(key, document.createNode(value));
  setHostName(document, settings.hostname);
  set('manage_etc_hosts', false); // /etc/hosts is written by us; a template would replace it
  set('ssh_deletekeys', false);
  set('ssh_genkeytypes', [...settings.hostKeyTypes]);
  if (settings.user) {
    for (const key of ['password', 'chpasswd', 'ssh_authorized_keys', 'user']) document.delete(key);
    set('users', [userOf(settings.user, settings.groups)]);
    set('chpasswd', { expire: false });
    if (settings.user.name === 'root') set('disable_root', false);
  }
  if (settings.passwordAuthentication !== undefined) set('ssh_pwauth', settings.passwordAuthentication);
  if (settings.timezone !== undefined) set('timezone', settings.timezone);
  if (settings.locale !== undefined) set('locale', settings.locale);
  if (settings.packages.length > 0) {
    set('package_update', true);
    // Files that are there already stay: cloud-init calls apt-get with --force-confold and without questions (distros/debian.py).
    set('packages', [...settings.packages]);
  }
  if (settings.switchesSshOn) set('enable_ssh', true);
  return `${HEADER}\n${document.toString(LAYOUT).replace(/^#cloud-config[^\n]*\n/, '')}`;
}

/**
 * Makes cloud-init write the name that `/etc/hostname` has, dots and all.
 *
 * @remarks Of a name with dots cloud-init keeps the first label, unless the full one is preferred; and a name that the
 * image ships would be preferred to ours (cc_set_hostname, get_hostname_fqdn).
 */
function setHostName(document: Document, hostname: string): void {
  const qualified = hostname.includes('.');
  if (qualified) document.set('fqdn', hostname);
  else document.delete('fqdn');
  document.set('hostname', hostname.split('.')[0]);
  document.set('prefer_fqdn_over_hostname', qualified);
  document.set('preserve_hostname', false);
}

function readCloudConfig(shipped: string | undefined): Document {
  const text = shipped?.startsWith(HEADER) ? shipped.slice(shipped.indexOf('\n') + 1 || shipped.length) : '';
  const document = parseDocument(text);
  if (document.errors.length > 0)
    throw new LinuxError('SEED_INVALID', 'the user-data in the image is not valid YAML', {
      cause: document.errors[0],
      hint: 'Repair the image, or remove its user-data.',
    });
  // An empty or all-comment file (Raspberry Pi OS ships one) keeps its comments; a list or a word is no configuration.
  if (!isMap(document.contents)) document.contents = parseDocument('{}').contents;
  if (isMap(document.contents)) document.contents.flow = false;
  return document;
}

function userOf(
  user: FirstUser & Pick<MadeUser, 'passwordLocked'>,
  groups: readonly string[],
): Record<string, unknown> {
  return {
    name: user.name,
    ...(user.name !== 'root' && { groups: [...groups], shell: '/bin/bash', sudo: 'ALL=(ALL) NOPASSWD:ALL' }),
    lock_passwd: user.passwordLocked, // its default, true, would lock the password that an account has already
    // Unlike `passwd`, this applies to an account that exists already as well.
    ...(user.passwordHash !== undefined && { hashed_passwd: user.passwordHash }),
    ...(user.sshKeys.length > 0 && { ssh_authorized_keys: [...user.sshKeys] }),
  };
}

/** Renders meta-data: shipped keys stay, except the identity (also in its misspelt form `instance_id`). */
export function renderMetaData(shipped: string | undefined, settings: SeedSettings): string {
  const document = parseDocument(shipped ?? '');
  if (document.errors.length > 0 || !isMap(document.contents))
    document.contents = parseDocument('{}').contents;
  if (isMap(document.contents)) document.contents.flow = false;
  document.delete('instance_id');
  document.set('instance-id', settings.instanceId);
  document.set('local-hostname', settings.hostname);
  return document.toString(LAYOUT);
}

/** cloud-init's system configuration: no networking by it, and host keys kept whatever the seed becomes. */
export const SYSTEM_CONFIGURATION: ReadonlyMap<string, string> = new Map([
  ['/etc/cloud/cloud.cfg.d/99-disable-network-config.cfg', 'network: {config: disabled}\n'],
  ['/etc/cloud/cloud.cfg.d/99-turingpi.cfg', 'ssh_deletekeys: false\n'],
]);

const DATASOURCES = '/etc/cloud/cloud.cfg.d/99-turingpi-datasource.cfg';

/**
 * Writes the seed where the image will look for it, and nowhere else.
 *
 * @throws LinuxError `SEED_INVALID`; `FIRST_BOOT_CONTRADICTS` when the image would read no such seed.
 */
export async function writeSeed(root: ImageFiles, place: SeedPlace, settings: SeedSettings): Promise<void> {
  const { files, directory } = place;
  const at = (name: string): string => `${directory}/${name}`;
  const secret = place.kind === 'directory' ? { mode: 0o600 } : undefined; // FAT knows no modes
  await files.writeFile(
    at('user-data'),
    renderUserData(await files.readText(at('user-data')), settings),
    secret,
  );
  await files.writeFile(
    at('meta-data'),
    renderMetaData(await files.readText(at('meta-data')), settings),
    secret,
  );
  await files.writeFile(at('network-config'), settings.networkConfig, secret);
  // This directory is read first, and the first instance-id wins: a stale seed there would shadow ours.
  if (directory !== SEED_DIRECTORY) await root.remove(SEED_DIRECTORY);
  if (directory === SEED_DIRECTORY || (await findForeignDatasources(root)) !== undefined)
    await root.writeFile(DATASOURCES, 'datasource_list: [NoCloud, None]\n');
  const foreign = await findForeignDatasources(root);
  if (foreign !== undefined)
    throw new LinuxError('FIRST_BOOT_CONTRADICTS', `${foreign} keeps cloud-init from reading the seed`, {
      hint: 'It lists other data sources only, and is read after ours. Remove it from the image.',
    });
  for (const [path, content] of SYSTEM_CONFIGURATION) await root.writeFile(path, content);
}
