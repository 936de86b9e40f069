import { DiskImage } from './disk-image.mjs';

const DISK_ID = '5d0bc1ec';
const ROOT_UUID = 'e1c9f7a4-2b68-4d03-8f5e-90a7d6c3b214';
const ROOT_MIB = 800;
const CMDLINE = `console=serial0,115200 console=tty1 root=PARTUUID=${DISK_ID}-02 rootfstype=ext4 fsck.repair=yes rootwait resize\n`;

/**
 * Raspberry Pi OS Trixie: cloud-init seeded from the boot partition, netplan with NetworkManager, the user `pi` that
 * waits to be renamed, sshd off, host keys made at the first boot.
 *
 * @remarks The system underneath is Debian 12, whose cloud-init wants the slash at the end of `seedfrom` that the
 * original leaves out.
 */
export const raspberryPiOsTrixie = {
  dress(root) {
    root.purge('ifupdown', 'systemd-resolved').removeHostKeys();
    root.write(
      '/usr/lib/os-release',
      'PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nNAME="Debian GNU/Linux"\nVERSION_ID="13"\n' +
        'VERSION="13 (trixie)"\nVERSION_CODENAME=trixie\nID=debian\n',
    );
    root.write('/etc/rpi-issue', 'Raspberry Pi reference 2025-11-24\n');
    root
      .write('/etc/hostname', 'raspberrypi\n')
      .write('/etc/hosts', '127.0.0.1\tlocalhost\n127.0.1.1\traspberrypi\n');
    root.mkdir('/boot/firmware');
    root.write(
      '/etc/fstab',
      'proc /proc proc defaults 0 0\n' +
        `PARTUUID=${DISK_ID}-01 /boot/firmware vfat defaults 0 2\n` +
        `PARTUUID=${DISK_ID}-02 / ext4 defaults,noatime 0 1\n`,
    );
    root.write(
      '/usr/lib/netplan/00-network-manager-all.yaml',
      'network:\n  version: 2\n  renderer: NetworkManager\n',
      { mode: 0o600 },
    );
    root.write(
      '/etc/cloud/cloud.cfg.d/99_raspberry-pi.cfg',
      'datasource_list: [ NoCloud, None ]\ndatasource:\n  NoCloud:\n    seedfrom: file:///boot/firmware/\n',
    );
    root.write(
      '/usr/lib/systemd/system/cloud-init-local.service.d/boot-firmware.conf',
      '[Unit]\nRequiresMountsFor=/boot/firmware\n',
    );
    root.write('/etc/locale.gen', 'en_GB.UTF-8 UTF-8\n').write('/etc/default/locale', 'LANG=en_GB.UTF-8\n');
    root.run('locale-gen');
    root.edit('/etc/cloud/cloud.cfg', 'users:\n', 'locale: en_GB.UTF-8\nusers:\n');
    dressFirstUser(root);
    dressHostKeys(root);
    root.systemctl('disable', 'ssh.service');
  },
  layOut(root, path, work) {
    return DiskImage.make(
      path,
      work,
      521 + ROOT_MIB,
      `label: dos\nlabel-id: 0x${DISK_ID}\n` +
        `start=16384, size=1048576, type=c\nstart=1064960, size=${ROOT_MIB * 2048}, type=83\n`,
    )
      .addFat({ atMib: 8, sizeMib: 512, label: 'bootfs' }, [
        ['config.txt', 'dtparam=audio=on\narm_64bit=1\n\n[all]\n'],
        ['cmdline.txt', CMDLINE],
        ['issue.txt', 'Raspberry Pi reference 2025-11-24\n'],
        ['bcm2711-rpi-cm4.dtb', 'device tree placeholder\n'],
        ['user-data', '#cloud-config\n\n# hostname: raspberrypi\n# users:\n# - name: pi\n'],
        ['network-config', '# network:\n#   version: 2\n#   ethernets:\n#     eth0:\n#       dhcp4: true\n'],
        ['meta-data', 'dsmode: local\ninstance_id: rpios-image\n'],
      ])
      .addExt4(
        { atMib: 520, sizeMib: ROOT_MIB, label: 'rootfs', uuid: ROOT_UUID, features: '^64bit,^huge_file' },
        root.directory,
      );
  },
};

function dressFirstUser(root) {
  root.run(
    'useradd',
    '--create-home',
    '--shell',
    '/bin/bash',
    '--uid',
    '1000',
    '--groups',
    'sudo,video',
    'pi',
  );
  root.write('/etc/sudoers.d/010_pi-nopasswd', 'pi ALL=(ALL) NOPASSWD: ALL\n', { mode: 0o440 });
  root.write('/usr/lib/userconf-pi/userconf-service', '#!/bin/sh\nexit 0\n', { mode: 0o755 });
  // The dialogue holds up the whole boot, as on the original, until somebody answers it on the console.
  root.write(
    '/usr/lib/systemd/system/userconfig.service',
    '[Unit]\nDescription=User configuration dialog\nBefore=getty.target multi-user.target\n\n' +
      '[Service]\nType=oneshot\nStandardInput=tty\nTTYPath=/dev/tty8\nExecStart=/bin/sleep infinity\n' +
      'TimeoutStartSec=infinity\n\n[Install]\nWantedBy=multi-user.target\n',
  );
  root.write('/etc/ssh/sshd_config.d/rename_user.conf', 'Banner /usr/share/userconf-pi/sshd_banner\n');
  root.systemctl('enable', 'userconfig.service');
}

function dressHostKeys(root) {
  root.write(
    '/usr/lib/raspberrypi-sys-mods/regenerate_ssh_host_keys',
    '#!/bin/sh -e\nrm -f /etc/ssh/ssh_host_*_key*\nssh-keygen -A\nsystemctl --no-reload disable regenerate_ssh_host_keys\n',
    { mode: 0o755 },
  );
  root.write(
    '/usr/lib/systemd/system/regenerate_ssh_host_keys.service',
    '[Unit]\nDescription=Regenerate SSH host keys\nBefore=ssh.service\n\n[Service]\nType=oneshot\n' +
      'ExecStart=/usr/lib/raspberrypi-sys-mods/regenerate_ssh_host_keys\n\n[Install]\nWantedBy=multi-user.target\n',
  );
  root.systemctl('enable', 'regenerate_ssh_host_keys.service');
}
