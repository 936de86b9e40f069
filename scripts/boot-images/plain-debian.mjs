import { DiskImage } from './disk-image.mjs';

const ROOT_UUID = 'b0a3c8d1-47e2-4f6a-9d35-1e8f7c2a6b90';
const ROOT_MIB = 800;

function withoutCloudInit(root) {
  root.purge('cloud-init', 'netplan.io', 'systemd-resolved');
  root.write('/etc/hostname', 'debian\n').write('/etc/hosts', '127.0.0.1\tlocalhost\n127.0.1.1\tdebian\n');
}

/** Debian for the Raspberry Pi as it has always been: ifupdown, DHCP, boot files on a FAT. */
export const debianIfupdown = {
  dress(root) {
    withoutCloudInit(root);
    root.purge('network-manager');
    root.write('/etc/fstab', 'LABEL=RASPIROOT / ext4 rw 0 1\nLABEL=RASPIFIRM /boot/firmware vfat rw 0 2\n');
    root.mkdir('/boot/firmware');
    // Names of QEMU's PC instead of eth0, so that this asks DHCP if nobody takes it away.
    root.write(
      '/etc/network/interfaces.d/wired',
      'auto ens3\niface ens3 inet dhcp\n\nallow-hotplug ens2\niface ens2 inet dhcp\n',
    );
  },
  layOut(root, path, work) {
    return DiskImage.make(
      path,
      work,
      265 + ROOT_MIB,
      `label: dos\nstart=16384, size=524288, type=c\nstart=540672, size=${ROOT_MIB * 2048}, type=83\n`,
    )
      .addFat({ atMib: 8, sizeMib: 256, label: 'RASPIFIRM' }, [
        ['config.txt', 'arm_64bit=1\n'],
        [
          'cmdline.txt',
          'console=tty0 console=ttyS1,115200 root=LABEL=RASPIROOT rw fsck.repair=yes rootwait\n',
        ],
        ['bcm2711-rpi-cm4.dtb', 'device tree placeholder\n'],
      ])
      .addExt4({ atMib: 264, sizeMib: ROOT_MIB, label: 'RASPIROOT', uuid: ROOT_UUID }, root.directory);
  },
};

/** Debian as its installer leaves a desktop: NetworkManager asks DHCP for whatever nobody has configured. */
export const debianNetworkManager = {
  dress(root) {
    withoutCloudInit(root);
    root.write('/etc/fstab', `UUID=${ROOT_UUID} / ext4 errors=remount-ro 0 1\n`);
    root.write(
      '/etc/network/interfaces',
      'source /etc/network/interfaces.d/*\n\nauto lo\niface lo inet loopback\n',
    );
  },
  layOut(root, path, work) {
    return DiskImage.make(
      path,
      work,
      2 + ROOT_MIB,
      `label: gpt\nstart=2048, size=${ROOT_MIB * 2048}, type=0FC63DAF-8483-4772-8E79-3D69D8477DE4\n`,
    ).addExt4({ atMib: 1, sizeMib: ROOT_MIB, label: '', uuid: ROOT_UUID }, root.directory);
  },
};
