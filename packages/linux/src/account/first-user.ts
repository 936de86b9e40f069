import type { ImageFiles } from '@turingpi/image';
import type { ImageNotice } from '@turingpi/provisioning';
import { AccountDatabase, type PasswdEntry } from './account-database.js';
import { authorizeKeys } from './authorized-keys.js';
import { writeSudoers } from './sudo.js';
import { checkAccountIsFree } from './username.js';

/** The account that people and this product log in with. */
export interface FirstUser {
  readonly name: string;
  /** As in `/etc/shadow`; undefined leaves the password of an account that is there, and a new one without any. */
  readonly passwordHash: string | undefined;
  /** Keys that let in, besides those that an account has already. */
  readonly sshKeys: readonly string[];
}

/** The first user as it is in the image. */
export interface MadeUser {
  readonly entry: PasswdEntry;
  /** Names of all groups that it is in. */
  readonly groups: readonly string[];
  /** Whether no password lets in. */
  readonly passwordLocked: boolean;
  /** What people should know of what was found. */
  readonly notices: readonly ImageNotice[];
}

export interface FirstUserOptions {
  /** Groups to be in, as far as the image has them. */
  readonly groups: readonly string[];
  /** An account of the image's maker that becomes this user, for example `pi`. */
  readonly renames?: string;
  /** Lock root's password: for images with a publicly known one. */
  readonly lockRoot?: boolean;
}

/** pam_nologin(8): left over from a shutdown, or somebody's maintenance. */
const NO_LOGIN = '/etc/nologin';
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

async function makeHome(root: ImageFiles, { home, uid, gid, ...entry }: PasswdEntry): Promise<void> {
  await root.mkdir(home);
  await root.setAttributes(home, { uid, gid, mode: uid === 0 ? 0o700 : 0o750 });
  if (uid !== 0) await copySkeleton(root, { ...entry, home, uid, gid });
}

/**
 * Makes the first user in the image: account, password hash, home, keys, sudo.
 *
 * @remarks What an account that is there already has, stays, unless it is asked for: its password when only keys are
 * given, its keys when only a password is given, its shell and home. But a password that lets in only to be changed is no
 * password of somebody's, would keep keys out as well (PAM asks for the change first), and is known to the public.
 * @throws LinuxError `USERNAME_INVALID` for a system account, `ACCOUNT_FILE_INVALID`.
 */
export async function applyFirstUser(
  root: ImageFiles,
  user: FirstUser,
  options: FirstUserOptions,
): Promise<MadeUser> {
  const accounts = await AccountDatabase.read(root);
  checkAccountIsFree(accounts, user.name);
  const { renames } = options;
  const old = renames === undefined ? undefined : accounts.user(renames);
  const existed = accounts.user(user.name) !== undefined; // an account that is renamed is a new one to its new owner
  const renamed = old !== undefined && user.name !== 'root' && !existed;
  if (renamed) accounts.renameUser(old.name, user.name);
  const shell = (await root.exists('/bin/bash')) ? '/bin/bash' : '/bin/sh';
  const entry = accounts.ensureUser(user.name, shell);
  const notices = applyPassword(accounts, user, existed);
  if (user.name !== 'root') accounts.addToGroups(user.name, options.groups);
  if (options.lockRoot === true && user.name !== 'root') accounts.lockPassword('root');
  await accounts.write();
  if (renamed && (await root.exists(old.home))) await root.rename(old.home, entry.home);
  if (renamed) await root.remove(`/etc/sudoers.d/010_${old.name}-nopasswd`);
  if (!existed || !(await root.exists(entry.home))) await makeHome(root, entry);
  if (user.name !== 'root') await writeSudoers(root, user.name);
  if (user.sshKeys.length > 0) await authorizeKeys(root, entry, user.sshKeys);
  if (await root.exists(NO_LOGIN)) {
    await root.remove(NO_LOGIN);
    notices.push({ file: NO_LOGIN, message: 'was taken out: it lets nobody but root log in' });
  }
  return {
    entry,
    groups: accounts.groupsOf(user.name),
    passwordLocked: accounts.password(user.name).locked,
    notices,
  };
}

function applyPassword(accounts: AccountDatabase, user: FirstUser, existed: boolean): ImageNotice[] {
  const { name, passwordHash } = user;
  if (passwordHash !== undefined) accounts.setPasswordHash(name, passwordHash);
  else if (!existed) accounts.lockPassword(name);
  else if (accounts.password(name).mustChange) {
    accounts.lockPassword(name);
    const message = `the password of ${name} was to be changed at the first login: it is locked, keys let in`;
    return [{ file: '/etc/shadow', message }];
  }
  return [];
}
