import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** Of the architecture of this machine, or made for it. */
const FOREIGN = [
  'boot',
  'lib64',
  'usr/lib64',
  'usr/lib/x86_64-linux-gnu',
  'usr/lib/modules',
  'etc/ld.so.cache',
];
/** What an emulated node does without: each byte of its root is pulled, checked, written and read back by emulation. */
const UNUSED = [
  'usr/bin/python3.11',
  'usr/lib/aarch64-linux-gnu/perl',
  'usr/lib/binfmt.d', // tells the kernel of Python
  'usr/lib/python3',
  'usr/lib/python3.11',
  'usr/lib/udev/hwdb.bin',
  'usr/lib/udev/hwdb.d',
  'usr/share/doc',
  'usr/share/i18n',
  'usr/share/locale',
  'usr/share/man',
  'usr/share/perl',
];
/** What starts the root filesystem, in the order in which it is loaded. */
const DRIVERS = ['virtio_pci', 'virtio_blk', 'virtio_net', 'nvme', 'crc32c_generic', 'ext4'];
/** What a running system, or the installer of an RK1, loads besides. Whole, the modules are most of what a node pulls. */
const MORE_DRIVERS = ['8021q', 'af_packet', 'autofs4', 'dwmac_rk', 'virtio_rng'];
const APPLETS = ['sh', 'cat', 'findfs', 'mkdir', 'modprobe', 'mount', 'sleep', 'switch_root', 'umount'];

const INIT = `#!/bin/sh
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
for driver in ${DRIVERS.join(' ')}; do modprobe "$driver"; done
for word in $(cat /proc/cmdline); do
  case $word in root=*) root=\${word#root=} ;; esac
done
until device=$(findfs "$root"); do sleep 1; done
mount "$device" /root
for name in dev proc sys; do mount -o move "/$name" "/root/$name"; done
exec switch_root /root /sbin/init
`;

/**
 * Makes a dressed root filesystem one for 64-bit ARM: the files of the same packages for that architecture are laid over
 * it. Their scripts have run already, on this machine's own architecture, so that nothing is emulated.
 *
 * @param work - a directory for what is needed meanwhile
 */
export function becomeArm64(root, work) {
  const names = root.run('dpkg-query', '--show', '--showformat', '${Package}\n').split('\n');
  const packages = names.filter((name) => name !== '' && !name.startsWith('linux-image-'));
  const tar = join(work, 'arm64.tar');
  const include = [...packages, 'linux-image-arm64', 'busybox-static'].join(',');
  const selection = ['--variant=extract', '--architectures=arm64', `--include=${include}`];
  execFileSync('mmdebstrap', ['--quiet', ...selection, 'bookworm', tar], { stdio: 'inherit' });
  for (const path of FOREIGN) rmSync(join(root.directory, path), { recursive: true, force: true });
  const directories = ['./bin', './boot', './lib', './sbin', './usr'];
  const how = ['-C', root.directory, '--keep-directory-symlink', '-xpf', tar];
  execFileSync('tar', [...how, ...directories], { stdio: 'inherit' });
  rmSync(tar);
  const [release] = readdirSync(join(root.directory, 'usr/lib/modules'));
  for (const path of [...UNUSED, `usr/lib/linux-image-${release}`])
    rmSync(join(root.directory, path), { recursive: true, force: true });
  execFileSync('depmod', ['-b', root.directory, release]);
  keepDrivers(join(root.directory, 'usr/lib/modules', release));
  execFileSync('depmod', ['-b', root.directory, release]);
  makeInitrd(root, release, join(work, 'initrd'));
  root.link('/boot/vmlinuz', `vmlinuz-${release}`).link('/boot/initrd.img', `initrd.img-${release}`);
}

/** Removes all other modules. @param directory - of one kernel's modules */
function keepDrivers(directory) {
  const index = readFileSync(join(directory, 'modules.dep'), 'utf8');
  const kept = modulesFor(index, [...DRIVERS, ...MORE_DRIVERS]);
  for (const line of index.split('\n')) {
    const [path] = line.split(':');
    if (path !== '' && !kept.has(path)) rmSync(join(directory, path));
  }
}

/** Busybox, drivers for the disks of emulated machines, and a first process that starts the root filesystem. */
function makeInitrd(root, release, staging) {
  const put = (path, content, mode) => {
    mkdirSync(dirname(join(staging, path)), { recursive: true });
    writeFileSync(join(staging, path), content);
    chmodSync(join(staging, path), mode);
  };
  for (const path of ['dev', 'proc', 'sys', 'root', 'run'])
    mkdirSync(join(staging, path), { recursive: true });
  put('init', INIT, 0o755);
  put('usr/bin/busybox', readFileSync(join(root.directory, 'usr/bin/busybox')), 0o755);
  for (const name of APPLETS) symlinkSync('busybox', join(staging, 'usr/bin', name));
  mkdirSync(join(staging, 'usr/lib'), { recursive: true });
  for (const name of ['bin', 'lib']) symlinkSync(`usr/${name}`, join(staging, name));
  const modules = join('usr/lib/modules', release);
  for (const path of modulesFor(readFileSync(join(root.directory, modules, 'modules.dep'), 'utf8'), DRIVERS))
    put(join(modules, path), readFileSync(join(root.directory, modules, path)), 0o644);
  for (const name of ['modules.dep', 'modules.alias', 'modules.builtin', 'modules.symbols', 'modules.order'])
    cpSync(join(root.directory, modules, name), join(staging, modules, name));
  const output = join(root.directory, `boot/initrd.img-${release}`);
  const pack = 'find . | busybox cpio -o -H newc >"$1.cpio" && gzip -1 <"$1.cpio" >"$1" && rm "$1.cpio"';
  execFileSync('sh', ['-c', pack, 'sh', output], { cwd: staging, stdio: ['ignore', 'ignore', 'inherit'] });
}

/** The files of drivers with those that they need. @param index - `modules.dep` */
function modulesFor(index, drivers) {
  const files = new Map();
  for (const line of index.split('\n')) {
    const [path, needed = ''] = line.split(':');
    files.set(basename(path, '.ko').replaceAll('-', '_'), [path, ...needed.split(' ').filter(Boolean)]);
  }
  return new Set(drivers.flatMap((name) => files.get(name) ?? [])); // what is built in has no file
}
