import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What such a root is made and entered with. */
const PROGRAMS = [
  ...['mmdebstrap', 'unshare', 'nsenter', 'flock', 'setpriv', 'dpkg-deb', 'gpg'].map(
    (name) => `/usr/bin/${name}`,
  ),
  '/usr/sbin/chroot',
];
export const DEBIAN_NEEDS = `${PROGRAMS.join(', ')}, root`;
export const DEBIAN_MISSING =
  process.platform !== 'linux' || process.getuid?.() !== 0
    ? ['root on Linux']
    : PROGRAMS.filter((program) => !existsSync(program));

/** Packages that nodes of tests install later, without a network. */
export const DEBIAN_PACKAGES = ['etcd-server', 'etcd-client', 'ifupdown'] as const;

/** What these tests need, so that they share one: with `apt`, no kernel. */
const INSTALLED =
  'systemd,systemd-sysv,sudo,procps,passwd,hostname,iproute2,openssh-server,adduser,locales,tzdata,util-linux,mount,e2fsprogs,netplan.io,dbus,udev';

/** Puts packages that are to be installed later into a repository of the root, `/packages`. */
const HOOK = [
  'set -e; root=$1; shift; mkdir "$root/packages"',
  'chroot "$root" apt-get clean; chroot "$root" apt-get install -y -qq --no-install-recommends --download-only "$@" >/dev/null',
  'cd "$root/packages"; mv "$root"/var/cache/apt/archives/*.deb .',
  'for file in *.deb; do dpkg-deb -f "$file"; printf "Filename: ./%s\\nSize: %s\\nSHA256: %s\\n\\n" ' +
    '"$file" "$(stat -c %s "$file")" "$(sha256sum "$file" | cut -d" " -f1)"; done >Packages',
  'echo "deb [trusted=yes] file:/packages ./" >"$root/etc/apt/sources.list"',
].join('\n');

/**
 * A Debian with systemd and an SSH server in a directory, not to be changed: made once on a computer and shared by whoever
 * wants the same.
 *
 * @param later - packages that nodes can install without a network
 */
export async function debianRoot(later: readonly string[]): Promise<string> {
  const key = createHash('sha256')
    .update(JSON.stringify([INSTALLED, HOOK, later]))
    .digest('hex')
    .slice(0, 12);
  const root = path.join(tmpdir(), `turingpi-debian-${key}`);
  const hook = ['sh', '-c', `'${HOOK.replaceAll("'", "'\\''")}'`, 'sh', '"$1"', ...later].join(' ');
  const make = [
    'test -d "$1" && exit; rm -rf "$1.part"',
    'mmdebstrap --quiet --variant=apt --include="$2" --customize-hook="$3" bookworm "$1.part" && mv "$1.part" "$1"',
  ].join('; ');
  await run('flock', [`${root}.lock`, 'sh', '-c', make, 'sh', root, INSTALLED, hook], { maxBuffer: 1 << 26 });
  return root;
}
