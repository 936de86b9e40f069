import { becomeArm64 } from './arm64-root.mjs';
import { DiskImage } from './disk-image.mjs';

const ROOT_UUID = 'e1f6a2b8-90d4-4c37-8a5e-63b7d0c4f219';
const ROOT_MIB = 320;
const BOOT_LOADER_SECTOR = 64;

/**
 * Debian for the RK1 as it runs there: for 64-bit ARM, started by U-Boot from an `extlinux.conf` on the partition with the
 * legacy-boot attribute, ifupdown, no cloud-init.
 */
export const debianArm64 = {
  dress(root, work) {
    root.purge('cloud-init', 'cloud-guest-utils', 'netplan.io', 'systemd-resolved', 'network-manager');
    root.removeHostKeys();
    root.run('apt-get', '--yes', '-o', 'Dpkg::Use-Pty=false', '--purge', 'autoremove');
    root.write('/etc/hostname', 'debian\n').write('/etc/hosts', '127.0.0.1\tlocalhost\n127.0.1.1\tdebian\n');
    root.write('/etc/fstab', `UUID=${ROOT_UUID} / ext4 errors=remount-ro 0 1\n`);
    root.write(
      '/etc/network/interfaces',
      'source /etc/network/interfaces.d/*\n\nauto lo\niface lo inet loopback\n',
    );
    becomeArm64(root, work);
    root.write(
      '/boot/extlinux/extlinux.conf',
      'default l0\ntimeout 10\nlabel l0\n\tlinux /boot/vmlinuz\n\tinitrd /boot/initrd.img\n' +
        `\tappend root=UUID=${ROOT_UUID} rootwait rw console=ttyAMA0,115200\n`,
    );
  },
  layOut(root, path, work) {
    return DiskImage.make(
      path,
      work,
      17 + ROOT_MIB,
      `label: gpt\nstart=32768, size=${ROOT_MIB * 2048}, type=B921B045-1DF0-41C3-AF44-4C6F280D3FAE, ` +
        'name="rootfs", attrs="LegacyBIOSBootable"\n',
    )
      .addBytes(BOOT_LOADER_SECTOR * 512, Buffer.from('first stage of the boot loader\n'))
      .addExt4({ atMib: 16, sizeMib: ROOT_MIB, label: 'rootfs', uuid: ROOT_UUID }, root.directory);
  },
};
