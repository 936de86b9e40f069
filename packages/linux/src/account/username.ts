import { LinuxError } from '../linux-error.js';
import type { AccountDatabase } from './account-database.js';

/**
 * Users and groups that Debian and Ubuntu make for themselves (base-passwd, systemd, and the daemons of server images);
 * images may have more, which {@link checkAccountIsFree} finds in the image itself. `root` is nobody's daemon.
 */
const SYSTEM_NAMES: ReadonlySet<string> = new Set(
  (
    '_apt _chrony _ssh adm audio avahi backup bin cdrom chrony crontab daemon dhcpcd dialout dip disk dnsmasq fax ' +
    'floppy fwupd-refresh games gnats gpio i2c input irc kmem kvm landscape list lp lpadmin lxd mail man messagebus ' +
    'netdev news nobody nogroup ntp operator plugdev polkitd pollinate proxy render rtkit sasl sgx shadow spi src ' +
    'sshd ssl-cert staff statd sudo sync sys syslog systemd-coredump systemd-journal systemd-network systemd-oom ' +
    'systemd-resolve systemd-timesync tape tcpdump tss tty usbmux users utmp uucp uuidd video voice www-data'
  ).split(' '),
);
const LAST_SYSTEM_ID = 999;
const NOBODY = 65_534;

function invalid(username: string, why: string): LinuxError {
  return new LinuxError('USERNAME_INVALID', `username '${username}' ${why}`, {
    hint: 'Use a name like ops or ubuntu.',
  });
}

/** @throws LinuxError `USERNAME_INVALID` for names that Debian's tools refuse or that belong to the system. */
export function checkUsername(username: string): void {
  if (!/^[a-z_][a-z0-9_-]{0,31}$/.test(username))
    throw invalid(
      username,
      'is not made of lower-case letters, digits, - and _ (at most 32, a letter or _ first)',
    );
  if (SYSTEM_NAMES.has(username)) throw invalid(username, 'belongs to the system');
}

/**
 * Whether people can be given this name in an image: not one of its system accounts, which are no login and whose home
 * belongs to a daemon, nor one of its system groups, whose rights the account would get with the name.
 *
 * @throws LinuxError `USERNAME_INVALID` naming the file that says so.
 */
export function checkAccountIsFree(accounts: AccountDatabase, username: string): void {
  if (username === 'root') return;
  const user = accounts.user(username);
  if (user && ((user.uid > 0 && user.uid <= LAST_SYSTEM_ID) || user.uid === NOBODY || isNoLogin(user.shell)))
    throw invalid(
      username,
      `is an account of the system in the image's /etc/passwd (uid ${user.uid}, shell ${user.shell})`,
    );
  const gid = user ? undefined : accounts.groupId(username);
  if (gid !== undefined && gid <= LAST_SYSTEM_ID)
    throw invalid(username, `is a group of the system in the image's /etc/group (gid ${gid})`);
}

function isNoLogin(shell: string): boolean {
  return /\/(nologin|false|true|sync|halt|shutdown)$/.test(shell);
}
