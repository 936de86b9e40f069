import type { ImageFiles } from '@turingpi/image';
import { AccountDatabase, type PasswdEntry } from './account-database.js';

/** The account that people and this product log in with. */
export interface FirstUser {
  readonly name: string;
  /** As in `/etc/shadow`; undefined leaves the password locked, so only keys let in. */
  readonly passwordHash: string | undefined;
  readonly sshKeys: readonly string[];
}

export interface FirstUserOptions {
  /** Groups to be in, as far as the image has them. */
  readonly groups: readonly string[];
  /** An account of the image's maker that becomes this user, for example `pi`. */
  readonly renames?: string;
  /** Lock root's password: for images with a publicly known one. */
  readonly lockRoot?: boolean;
}

const SKELETON = '/etc/skel';

async function copySkeleton(root: ImageFiles, user: PasswdEntry): Promise<void> {
  if (!(await root.exists(SKELETON))) return;
  for (const { name, type } of await root.list(SKELETON)) {
    if (type !== 'file' || (await root.exists(`${user.home}/${name}`))) continue;
    const { mode } = await root.stat(`${SKELETON}/${name}`);
    await root.writeFile(`${user.home}/${name}`, await root.readFile(`${SKELETON}/${name}`), {
      mode,
      uid: user.uid,
      gid: user.gid,
    });
  }
}

/** Writes `authorized_keys` as sshd insists on it: the user's own, 0600, in a directory of 0700. */
export async function writeAuthorizedKeys(
  root: ImageFiles,
  user: PasswdEntry,
  keys: readonly string[],
): Promise<void> {
  const owner = { uid: user.uid, gid: user.gid };
  const directory = `${user.home}/.ssh`;
  await root.makeDirectories(directory);
  await root.setAttributes(directory, { ...owner, mode: 0o700 });
  const content = keys.map((key) => `${key.trim()}\n`).join('');
  await root.writeFile(`${directory}/authorized_keys`, content, { ...owner, mode: 0o600 });
}

/** Lets a user do everything through sudo without a password, as cloud images do. */
export async function writeSudoers(root: ImageFiles, username: string): Promise<void> {
  await root.makeDirectories('/etc/sudoers.d');
  await root.writeFile(
    `/etc/sudoers.d/90-turingpi-${username}`,
    `${username} ALL=(ALL:ALL) NOPASSWD: ALL\n`,
    { mode: 0o440, uid: 0, gid: 0 },
  );
}

/** Makes the first user in the image: account, password hash, home, keys, sudo. */
export async function applyFirstUser(
  root: ImageFiles,
  user: FirstUser,
  options: FirstUserOptions,
): Promise<PasswdEntry> {
  const accounts = await AccountDatabase.read(root);
  const { renames } = options;
  const old = renames === undefined ? undefined : accounts.user(renames);
  const renamed = old !== undefined && user.name !== 'root' && !accounts.user(user.name);
  if (renamed) accounts.renameUser(old.name, user.name);
  const shell = (await root.exists('/bin/bash')) ? '/bin/bash' : '/bin/sh';
  const entry = accounts.ensureUser(user.name, shell);
  if (user.passwordHash !== undefined) accounts.setPasswordHash(user.name, user.passwordHash);
  else accounts.lockPassword(user.name);
  if (user.name !== 'root') accounts.addToGroups(user.name, options.groups);
  if (options.lockRoot === true && user.name !== 'root') accounts.lockPassword('root');
  await accounts.write();
  if (renamed && (await root.exists(old.home))) await root.rename(old.home, entry.home);
  if (renamed) await root.remove(`/etc/sudoers.d/010_${old.name}-nopasswd`);
  await root.makeDirectories(entry.home);
  if (user.name !== 'root') {
    await root.setAttributes(entry.home, { uid: entry.uid, gid: entry.gid, mode: 0o750 });
    await copySkeleton(root, entry);
    await writeSudoers(root, user.name);
  }
  await writeAuthorizedKeys(root, entry, user.sshKeys);
  return entry;
}
