import { rk1UbuntuSeed } from '../base-images/rk1-ubuntu.mjs';
import { DiskImage } from './disk-image.mjs';

const ROOT_UUID = '6f3d1a52-8c07-4e9b-a1d4-5b2c7e90f311';
const ROOT_MIB = 800;
/** As large as people's images are: the published ones have 2 to 3 GB. */
const LARGE_ROOT_MIB = 2500 - 21;

/** What both generations of Ubuntu for the RK1 have: cloud-init for Ubuntu, netplan with networkd, resolved. */
function dressAsUbuntu(root, { version, codename, name }) {
  root.purge('network-manager', 'ifupdown').removeHostKeys();
  root.write(
    '/usr/lib/os-release',
    `PRETTY_NAME="${name}"\nNAME="Ubuntu"\nVERSION_ID="${version}"\nVERSION_CODENAME=${codename}\n` +
      `ID=ubuntu\nID_LIKE=debian\nUBUNTU_CODENAME=${codename}\n`,
  );
  root.edit('/etc/cloud/cloud.cfg', 'distro: debian', 'distro: ubuntu');
  root.edit('/etc/cloud/cloud.cfg', '     name: debian\n', '     name: ubuntu\n');
  root.edit('/etc/cloud/cloud.cfg', 'gecos: Debian', 'gecos: Ubuntu');
  root.edit('/etc/cloud/cloud.cfg', 'users:\n', 'locale: C.UTF-8\nusers:\n'); // Ubuntu's default, Debian's is another
  root.write('/etc/default/locale', 'LANG=C.UTF-8\n');
  root.systemctl('enable', 'systemd-networkd.service');
  root.write('/etc/hostname', 'localhost.localdomain\n');
  root.write('/etc/default/u-boot', 'U_BOOT_FDT="device-tree/rockchip/rk3588-turing-rk1.dtb"\n');
}

/** Ubuntu for RK1 v2.x: 2500 MiB, seed on an out-of-spec FAT of 4 MiB, root typed as EFI system partition. */
export const ubuntuRk1Cidata = {
  dress(root) {
    dressAsUbuntu(root, { version: '24.04', codename: 'noble', name: 'Ubuntu 24.04 LTS' });
    root.write('/etc/fstab', `UUID=${ROOT_UUID} / ext4 defaults,x-systemd.growfs 0 1\n`);
    root.write(
      '/boot/extlinux/extlinux.conf',
      `label l0\n\tlinux /boot/vmlinuz\n\tappend root=UUID=${ROOT_UUID} rootwait rw console=ttyS9,115200\n`,
    );
  },
  layOut(root, path, work) {
    return DiskImage.make(
      path,
      work,
      21 + LARGE_ROOT_MIB,
      'label: gpt\n' +
        'start=32768, size=8192, type=EBD0A0A2-B9E5-4433-87C0-68B6B72699C7, name="primary"\n' +
        `start=40960, size=${LARGE_ROOT_MIB * 2048}, type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B, name="primary"\n`,
    )
      .addFat({ atMib: 16, sizeMib: 4, label: 'CIDATA' }, rk1UbuntuSeed())
      .addExt4(
        { atMib: 20, sizeMib: LARGE_ROOT_MIB, label: 'cloudimg-rootfs', uuid: ROOT_UUID },
        root.directory,
      );
  },
};

/** Ubuntu for RK1 v1.33: seed and boot files on a FAT of 512 MiB called system-boot. */
export const ubuntuRk1SystemBoot = {
  dress(root) {
    dressAsUbuntu(root, { version: '22.04', codename: 'jammy', name: 'Ubuntu 22.04.3 LTS' });
    root.write(
      '/etc/fstab',
      `UUID=${ROOT_UUID} / ext4 defaults,x-systemd.growfs 0 1\nLABEL=system-boot /boot/firmware vfat defaults 0 1\n`,
    );
    root.mkdir('/boot/firmware');
    root.write(
      '/etc/cloud/cloud.cfg.d/99-fake_cloud.cfg',
      'datasource_list: [ NoCloud, None ]\ndatasource:\n  NoCloud:\n    fs_label: system-boot\n',
    );
  },
  layOut(root, path, work) {
    // Its meta-data has the typo that makes the effective instance-id "nocloud".
    const seed = rk1UbuntuSeed().map(([name, text]) => [name, text.replace('instance-id', 'instance_id')]);
    const environment = 'bootargs=console=ttyS9,115200\nfdtfile=rk3588-turing-rk1.dtb\n';
    return DiskImage.make(
      path,
      work,
      529 + ROOT_MIB,
      'label: gpt\n' +
        'start=32768, size=1048576, type=BC13C2FF-59E6-4262-A352-B275FD6F7172\n' +
        `start=1081344, size=${ROOT_MIB * 2048}, type=0FC63DAF-8483-4772-8E79-3D69D8477DE4\n`,
    )
      .addFat({ atMib: 16, sizeMib: 512, label: 'system-boot' }, [...seed, ['ubuntuEnv.txt', environment]])
      .addExt4({ atMib: 528, sizeMib: ROOT_MIB, label: 'writable', uuid: ROOT_UUID }, root.directory);
  },
};
