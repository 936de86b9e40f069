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
/** Modules that no emulated machine needs, and that are half of the kernel's bytes. */
const LEFT_OUT = [
  'sound',
  'drivers/gpu',
  'drivers/media',
  'drivers/infiniband',
  'drivers/staging',
  'net/wireless',
];
/** What starts the root filesystem, in the order in which it is loaded. */
const DRIVERS = ['virtio_pci', 'virtio_blk', 'virtio_net', 'nvme', 'crc32c_generic', 'ext4'];
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
  const skipped = [...LEFT_OUT.map((path) => `*/kernel/${path}`), './usr/share/doc', './usr/share/man'];
  execFileSync(
    'tar',
    [
      ...['-C', root.directory, '--keep-directory-symlink', '--wildcards', '-xpf', tar],
      ...skipped.map((pattern) => `--exclude=${pattern}`),
      ...directories,
    ],
    { stdio: 'inherit' },
  );
  rmSync(tar);
  const [release] = readdirSync(join(root.directory, 'usr/lib/modules'));
  execFileSync('depmod', ['-b', root.directory, release]);
  makeInitrd(root, release, join(work, 'initrd'));
  root.link('/boot/vmlinuz', `vmlinuz-${release}`).link('/boot/initrd.img', `initrd.img-${release}`);
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
  for (const path of modulesFor(readFileSync(join(root.directory, modules, 'modules.dep'), 'utf8')))
    put(join(modules, path), readFileSync(join(root.directory, modules, path)), 0o644);
  for (const name of ['modules.dep', 'modules.alias', 'modules.builtin', 'modules.symbols', 'modules.order'])
    cpSync(join(root.directory, modules, name), join(staging, modules, name));
  const output = join(root.directory, `boot/initrd.img-${release}`);
  const pack = 'find . | busybox cpio -o -H newc >"$1.cpio" && gzip -1 <"$1.cpio" >"$1" && rm "$1.cpio"';
  execFileSync('sh', ['-c', pack, 'sh', output], { cwd: staging, stdio: ['ignore', 'ignore', 'inherit'] });
}

/** The files of the drivers with those that they need. @param index - `modules.dep` */
function modulesFor(index) {
  const files = new Map();
  for (const line of index.split('\n')) {
    const [path, needed = ''] = line.split(':');
    files.set(basename(path, '.ko').replaceAll('-', '_'), [path, ...needed.split(' ').filter(Boolean)]);
  }
  return new Set(DRIVERS.flatMap((name) => files.get(name) ?? [])); // what is built in has no file
}
