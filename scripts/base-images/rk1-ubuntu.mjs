import { debianTree, enable, unit } from './file-tree.mjs';

/** Ubuntu 22.04 server for the Turing RK1 before its first boot: cloud-init, netplan, no user and no host keys. */
export const RK1_UBUNTU = {
  diskGuid: '8F0C1E64-3B1A-4F5D-9C77-2D6A5B0E9A11',
  cidataGuid: '1B2C7A90-6D0E-4C2B-8A55-0F3E9D471C02',
  rootGuid: '5A9E4D3C-7F21-4E8B-B6A0-C4D2E1F00B03',
  cidataVolumeId: '4C1DDA7A',
  rootUuid: '0d3e7c52-9a64-4b1f-8e2d-71f5a6c0b904',
  hashSeed: '7b1f6c3a-4d52-49e8-a0b7-3c9d5e8f1a05',
};

const LINUX = 'Linux kernel placeholder\n';

export function rk1UbuntuRoot() {
  const tree = debianTree({
    users: [
      ['_apt', 100, 65534, '', '/nonexistent', '/usr/sbin/nologin', '*'],
      [
        'systemd-network',
        101,
        102,
        'systemd Network Management,,,',
        '/run/systemd',
        '/usr/sbin/nologin',
        '*',
      ],
      ['systemd-resolve', 102, 103, 'systemd Resolver,,,', '/run/systemd', '/usr/sbin/nologin', '*'],
      ['syslog', 104, 111, '', '/home/syslog', '/usr/sbin/nologin', '*'],
    ],
    groups: [
      ['systemd-network', 102],
      ['systemd-resolve', 103],
      ['netdev', 110],
      ['syslog', 111],
      ['lxd', 112],
    ],
  });
  tree.file(
    '/usr/lib/os-release',
    'PRETTY_NAME="Ubuntu 22.04.4 LTS"\nNAME="Ubuntu"\nVERSION_ID="22.04"\n' +
      'VERSION="22.04.4 LTS (Jammy Jellyfish)"\nVERSION_CODENAME=jammy\nID=ubuntu\nID_LIKE=debian\n' +
      'HOME_URL="https://www.ubuntu.com/"\nSUPPORT_URL="https://help.ubuntu.com/"\nUBUNTU_CODENAME=jammy\n',
  );
  tree.symlink('/etc/os-release', '../usr/lib/os-release');
  tree.file(
    '/etc/lsb-release',
    'DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=22.04\nDISTRIB_CODENAME=jammy\nDISTRIB_DESCRIPTION="Ubuntu 22.04.4 LTS"\n',
  );
  tree.file('/etc/debian_version', 'bookworm/sid\n');
  tree.file('/etc/hostname', 'localhost.localdomain\n');
  tree.file('/etc/hosts', '127.0.0.1 localhost\n\n::1 ip6-localhost ip6-loopback\nff02::1 ip6-allnodes\n');
  tree.file(
    '/etc/fstab',
    '# <file system>     <mount point>  <type>  <options>   <dump>  <fsck>\n' +
      `UUID=${RK1_UBUNTU.rootUuid} /              ext4    defaults,x-systemd.growfs    0       1\n`,
  );
  tree.file('/etc/default/locale', 'LANG=C.UTF-8\n').file('/etc/timezone', 'Etc/UTC\n');
  tree.file('/usr/share/zoneinfo/Etc/UTC', 'TZif2').file('/usr/share/zoneinfo/Europe/Berlin', 'TZif2');
  tree.symlink('/etc/localtime', '/usr/share/zoneinfo/Etc/UTC');
  tree.symlink('/etc/resolv.conf', '../run/systemd/resolve/stub-resolv.conf');
  tree.file(
    '/etc/apt/sources.list',
    'deb http://ports.ubuntu.com/ubuntu-ports jammy main restricted universe\n',
  );

  tree.directory('/etc/netplan').directory('/usr/lib/netplan').directory('/usr/share/netplan');
  tree.file('/usr/share/netplan/netplan.script', '#!/usr/bin/python3\n', { mode: 0o755 });
  tree.symlink('/usr/sbin/netplan', '../share/netplan/netplan.script');

  tree.file(
    '/etc/cloud/cloud.cfg',
    'users:\n   - default\ndisable_root: true\npreserve_hostname: false\n' +
      'cloud_init_modules:\n - seed_random\n - growpart\n - resizefs\n - set_hostname\n - update_hostname\n' +
      ' - update_etc_hosts\n - users-groups\n - ssh\n' +
      'cloud_config_modules:\n - ssh-import-id\n - locale\n - set-passwords\n - timezone\n - runcmd\n' +
      'cloud_final_modules:\n - scripts-user\n - ssh-authkey-fingerprints\n - final-message\n' +
      'system_info:\n   distro: ubuntu\n   default_user:\n     name: ubuntu\n     lock_passwd: True\n' +
      '     gecos: Ubuntu\n     groups: [adm, audio, cdrom, dialout, dip, lxd, netdev, plugdev, sudo, video]\n' +
      '     sudo: ["ALL=(ALL) NOPASSWD:ALL"]\n     shell: /bin/bash\n   network:\n     renderers: [netplan]\n',
  );
  tree.file(
    '/etc/cloud/cloud.cfg.d/05_logging.cfg',
    'output: {all: "| tee -a /var/log/cloud-init-output.log"}\n',
  );
  tree.file('/etc/cloud/cloud.cfg.d/README', '# All files ending in .cfg are read in lexical order.\n');
  tree.directory('/var/lib/cloud').programs('/usr/bin', ['cloud-init', 'python3', 'ubuntu-rockchip-install']);

  unit(tree, 'ssh.service', 'OpenBSD Secure Shell server', 'multi-user.target');
  unit(tree, 'systemd-networkd.service', 'Network Configuration', 'multi-user.target');
  unit(tree, 'systemd-networkd.socket', 'Network Service Netlink Socket', 'sockets.target');
  unit(tree, 'systemd-networkd-wait-online.service', 'Wait for Network', 'network-online.target');
  unit(tree, 'systemd-resolved.service', 'Network Name Resolution', 'multi-user.target');
  unit(tree, 'multi-user.target', 'Multi-User System').symlink(
    '/usr/lib/systemd/system/default.target',
    'multi-user.target',
  );
  enable(tree, 'ssh.service', 'multi-user.target').symlink(
    '/etc/systemd/system/sshd.service',
    '/lib/systemd/system/ssh.service',
  );
  enable(tree, 'systemd-networkd.service', 'multi-user.target');
  enable(tree, 'systemd-networkd.socket', 'sockets.target');
  enable(tree, 'systemd-networkd-wait-online.service', 'network-online.target');
  enable(tree, 'systemd-resolved.service', 'multi-user.target');
  for (const name of ['cloud-init-local', 'cloud-init', 'cloud-config', 'cloud-final']) {
    unit(tree, `${name}.service`, `Cloud-init: ${name}`, 'cloud-init.target');
    enable(tree, `${name}.service`, 'cloud-init.target');
  }
  tree.symlink(
    '/etc/systemd/system/dbus-org.freedesktop.resolve1.service',
    '/lib/systemd/system/systemd-resolved.service',
  );

  tree.file('/boot/vmlinuz-5.10.160-rockchip', LINUX).file('/boot/initrd.img-5.10.160-rockchip', LINUX);
  tree.symlink('/boot/vmlinuz', 'vmlinuz-5.10.160-rockchip');
  tree.file(
    '/boot/extlinux/extlinux.conf',
    'default l0\ntimeout 10\n\nlabel l0\n\tlinux /boot/vmlinuz-5.10.160-rockchip\n' +
      '\tinitrd /boot/initrd.img-5.10.160-rockchip\n\tfdtdir /lib/firmware/5.10.160-rockchip/device-tree/\n' +
      `\tappend root=UUID=${RK1_UBUNTU.rootUuid} rootwait rw console=ttyS9,115200 console=tty1\n`,
  );
  tree.file(
    '/var/lib/dpkg/status',
    'Package: openssh-server\nStatus: install ok installed\nArchitecture: arm64\nVersion: 1:8.9p1-3\n',
  );
  return tree;
}

/** The seed as ubuntu-rockchip 2.x ships it: user ubuntu, password ubuntu, to be changed at the first login. */
export function rk1UbuntuSeed() {
  return [
    [
      'user-data',
      '#cloud-config\n\n# The default password is expired: it must be changed at the first login.\n' +
        'chpasswd:\n  expire: true\n  list:\n  - ubuntu:ubuntu\n\nssh_pwauth: true\n\n' +
        'groups:\n  - video\nsystem_info:\n  default_user:\n    groups: [video, sudo]\n',
    ],
    ['meta-data', 'dsmode: local\ninstance-id: cloud-image\n'],
    [
      'network-config',
      'version: 2\nethernets:\n' +
        '  zz-all-en:\n    match:\n      name: "en*"\n    dhcp4: true\n    optional: true\n' +
        '  zz-all-eth:\n    match:\n      name: "eth*"\n    dhcp4: true\n    optional: true\n',
    ],
  ];
}
