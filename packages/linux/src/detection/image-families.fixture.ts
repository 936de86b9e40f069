import type { ImagePartitions } from './detected-image.js';
import { MemoryImageFiles, type TreeEntry } from './memory-image-files.fixture.js';

type Tree = Readonly<Record<string, TreeEntry>>;

const SSH: Tree = {
  '/usr/lib/systemd/system/ssh.service':
    '[Unit]\nDescription=sshd\n[Install]\nWantedBy=multi-user.target\nAlias=sshd.service\n',
  '/usr/lib/systemd/system/ssh.socket':
    '[Socket]\nListenStream=22\nAccept=no\n[Install]\nWantedBy=sockets.target\n',
  '/etc/ssh/sshd_config': 'Include /etc/ssh/sshd_config.d/*.conf\nUsePAM yes\n',
  '/etc/ssh/ssh_host_rsa_key': { content: 'shipped', mode: 0o600 },
  '/usr/lib/systemd/system/systemd-networkd.service': '[Install]\nWantedBy=multi-user.target\n',
  '/usr/lib/systemd/system/getty@.service': '[Install]\nWantedBy=getty.target\n',
  '/etc/passwd': 'root:x:0:0:root:/root:/bin/bash\nsync:x:4:65534:sync:/bin:/bin/sync\n',
  '/etc/shadow': { content: 'root:*:19700:0:99999:7:::\nsync:*:19700:0:99999:7:::\n', mode: 0o640, gid: 42 },
  '/etc/group': 'root:x:0:\nadm:x:4:syslog\nsudo:x:27:\nvideo:x:44:\n',
  '/etc/gshadow': { content: 'root:*::\nadm:*::syslog\nsudo:*::\nvideo:*::\n', mode: 0o640, gid: 42 },
  '/bin/bash': '',
  '/usr/bin/sudo': '',
  '/etc/skel/.profile': '# profile\n',
  '/etc/hosts': '127.0.0.1 localhost\n',
  '/usr/share/zoneinfo/Europe/Berlin': '',
  '/etc/locale.gen': '# de_DE.UTF-8 UTF-8\n# en_US.UTF-8 UTF-8\n',
};

function enabled(unit: string, target = 'multi-user.target'): Tree {
  return { [`/etc/systemd/system/${target}.wants/${unit}`]: { link: `/lib/systemd/system/${unit}` } };
}

function release(id: string, version: string, codename: string, name: string): Tree {
  return {
    '/etc/os-release': `PRETTY_NAME="${name}"\nID=${id}\nVERSION_ID="${version}"\nVERSION_CODENAME=${codename}\n`,
  };
}

const CLOUD_INIT: Tree = { '/usr/bin/cloud-init': '', '/etc/cloud/cloud.cfg': 'users: [default]\n' };
const NETPLAN: Tree = { '/usr/sbin/netplan': '', '/etc/netplan/README': 'x' };
const JAMMY = release('ubuntu', '22.04', 'jammy', 'Ubuntu 22.04.4 LTS');
const NOBLE = release('ubuntu', '24.04', 'noble', 'Ubuntu 24.04 LTS');
const BOOKWORM = release('debian', '12', 'bookworm', 'Debian GNU/Linux 12 (bookworm)');
const TRIXIE = release('debian', '13', 'trixie', 'Debian GNU/Linux 13 (trixie)');

/** The seed of ubuntu-rockchip: a known password that must be changed at the first login. */
const SHIPPED_SEED: Tree = {
  '/user-data':
    '#cloud-config\n# shipped\nchpasswd:\n  expire: true\n  list:\n  - ubuntu:ubuntu\nssh_pwauth: true\ngroups:\n  - video\n',
  '/meta-data': 'dsmode: local\ninstance_id: cloud-image\n',
  '/network-config': 'version: 2\nethernets:\n  zz-all-en:\n    match: {name: "en*"}\n    dhcp4: true\n',
};

const RASPBERRY_BOOT: Tree = {
  '/config.txt': 'arm_64bit=1\n',
  '/cmdline.txt': 'root=PARTUUID=1-02 init=/usr/lib/raspberrypi-sys-mods/firstboot\n',
  '/kernel8.img': '',
};

const PI_OS: Tree = {
  ...SSH,
  '/etc/passwd': 'root:x:0:0:root:/root:/bin/bash\npi:x:1000:1000:,,,:/home/pi:/bin/bash\n',
  '/etc/shadow': { content: 'root:*:19700:0:99999:7:::\npi:*:19700:0:99999:7:::\n', mode: 0o640 },
  '/etc/group': 'root:x:0:\nsudo:x:27:pi\nvideo:x:44:pi\ngpio:x:997:pi\npi:x:1000:\n',
  '/home/pi/.bashrc': '',
  '/etc/rpi-issue': 'Raspberry Pi reference\n',
  '/etc/sudoers.d/010_pi-nopasswd': 'pi ALL=(ALL) NOPASSWD: ALL\n',
  '/usr/lib/raspberrypi-sys-mods/regenerate_ssh_host_keys': {
    content: '#!/bin/sh\nrm -f /etc/ssh/ssh_host_*\nssh-keygen -A\n',
    mode: 0o755,
  },
  '/usr/lib/userconf-pi/userconf': '',
  '/etc/ssh/sshd_config.d/rename_user.conf': 'Banner /usr/share/userconf-pi/sshd_banner\n',
  ...enabled('userconfig.service'),
  ...enabled('regenerate_ssh_host_keys.service'),
  ...enabled('NetworkManager.service'),
  '/usr/lib/systemd/system/NetworkManager.service': '[Install]\nWantedBy=multi-user.target\n',
};

const ARMBIAN: Tree = {
  ...SSH,
  ...NETPLAN,
  '/etc/armbian-release': 'BOARD=turing-rk1\nBOARD_NAME="Turing RK1"\nBOARDFAMILY=rockchip-rk3588\n',
  '/etc/shadow': { content: 'root:$6$known$hash:0:0:99999:7:::\n', mode: 0o640 },
  '/root/.not_logged_in_yet': '',
  '/etc/default/armbian-firstrun': '# settings\nOPENSSHD_REGENERATE_HOST_KEYS=true\n',
  '/etc/systemd/system/serial-getty@.service.d/override.conf':
    '[Service]\nExecStart=\nExecStart=-/sbin/agetty --autologin root %I\n',
  ...enabled('armbian-firstrun.service'),
};

/** Trees like the root and boot partitions of every image family that people use; `others` by label. */
export const IMAGE_FAMILIES = {
  'Ubuntu for RK1, v2.x (CIDATA)': {
    root: {
      ...SSH,
      ...JAMMY,
      ...CLOUD_INIT,
      ...NETPLAN,
      ...enabled('systemd-networkd.service'),
      ...enabled('ssh.service'),
      '/boot/vmlinuz-5.10.160-rockchip': '',
    },
    others: { CIDATA: SHIPPED_SEED },
  },
  'Ubuntu for RK1, v1.33 (system-boot)': {
    root: {
      ...SSH,
      ...JAMMY,
      ...CLOUD_INIT,
      ...NETPLAN,
      ...enabled('systemd-networkd.service'),
      '/etc/cloud/cloud.cfg.d/99-fake_cloud.cfg':
        'datasource_list: [NoCloud]\ndatasource:\n  NoCloud:\n    fs_label: system-boot\n',
    },
    others: { 'system-boot': { ...SHIPPED_SEED, '/ubuntuEnv.txt': 'fdtfile=rk3588-turing-rk1.dtb\n' } },
  },
  'Ubuntu for RK1, v2.x desktop': {
    root: {
      ...SSH,
      ...NOBLE,
      ...NETPLAN,
      ...enabled('NetworkManager.service'),
      '/etc/netplan/01-network-manager-all.yaml': 'network:\n  version: 2\n  renderer: NetworkManager\n',
      '/etc/default/u-boot': 'U_BOOT_FDT="device-tree/rockchip/rk3588-turing-rk1.dtb"\n',
      '/usr/lib/systemd/system/oem-config.service': '[Unit]\n[Install]\nWantedBy=oem-config.target\n',
      '/usr/lib/systemd/system/oem-config.target': '[Unit]\n',
      '/usr/lib/systemd/system/graphical.target': '[Unit]\n',
      '/etc/systemd/system/default.target': { link: '/lib/systemd/system/oem-config.target' },
      '/etc/passwd': 'root:x:0:0:root:/root:/bin/bash\noem:x:29999:29999::/home/oem:/bin/bash\n',
      '/usr/sbin/oem-config-firstboot': '',
    },
    others: {},
  },
  'Ubuntu for Raspberry Pi, 22.04': {
    root: {
      ...SSH,
      ...JAMMY,
      ...CLOUD_INIT,
      ...NETPLAN,
      ...enabled('ssh.service'),
      '/etc/cloud/cloud.cfg.d/99-fake_cloud.cfg': 'datasource:\n  NoCloud:\n    fs_label: system-boot\n',
    },
    others: { 'system-boot': { ...RASPBERRY_BOOT, ...SHIPPED_SEED } },
  },
  'Ubuntu for Raspberry Pi, 26.04 (two sets of boot files)': {
    root: {
      ...SSH,
      ...release('ubuntu', '26.04', 'resolute', 'Ubuntu 26.04 LTS'),
      ...CLOUD_INIT,
      ...NETPLAN,
      ...enabled('ssh.socket', 'sockets.target'),
      '/etc/cloud/cloud.cfg.d/99-fake_cloud.cfg': 'datasource:\n  NoCloud:\n    fs_label: system-boot\n',
    },
    others: {
      'system-boot': {
        ...SHIPPED_SEED,
        '/config.txt': 'arm_64bit=1\nos_prefix=current/\n',
        '/autoboot.txt': '[all]\ntryboot_a_b=1\n',
        '/current/cmdline.txt': 'root=LABEL=writable rootfstype=ext4 rootwait\n',
      },
    },
  },
  'Ubuntu for Raspberry Pi': {
    root: {
      ...SSH,
      ...NOBLE,
      ...CLOUD_INIT,
      ...NETPLAN,
      ...enabled('ssh.socket', 'sockets.target'),
      '/etc/cloud/cloud.cfg.d/99-fake_cloud.cfg': 'datasource:\n  NoCloud:\n    fs_label: system-boot\n',
    },
    others: { 'system-boot': { ...RASPBERRY_BOOT, ...SHIPPED_SEED } },
  },
  'Armbian Debian, minimal': {
    root: {
      ...ARMBIAN,
      ...BOOKWORM,
      ...enabled('systemd-networkd.service'),
      '/etc/netplan/10-dhcp-all-interfaces.yaml':
        'network:\n  version: 2\n  renderer: networkd\n  ethernets:\n    all-eth-interfaces:\n      match: {name: "e*"}\n      dhcp4: yes\n',
    },
    others: {},
  },
  'Armbian Ubuntu with NetworkManager': {
    root: {
      ...ARMBIAN,
      ...NOBLE,
      ...enabled('NetworkManager.service'),
      '/etc/netplan/00-default-use-network-manager.yaml':
        'network:\n  version: 2\n  renderer: NetworkManager\n',
    },
    others: {},
  },
  'Armbian whose os-release names Armbian': {
    root: {
      ...ARMBIAN,
      '/etc/os-release': 'PRETTY_NAME="Armbian 25.2"\nID=armbian\nVERSION_ID="25.2"\n',
      '/usr/lib/os-release': 'PRETTY_NAME="Debian GNU/Linux 12"\nID=debian\nVERSION_ID="12"\n',
    },
    others: {},
  },
  'Armbian Debian for the Raspberry Pi': {
    root: {
      ...ARMBIAN,
      ...BOOKWORM,
      ...enabled('systemd-networkd.service'),
      '/etc/armbian-release': 'BOARD=rpi4b\nBOARD_NAME="Raspberry Pi 4"\nBOARDFAMILY=bcm2711\n',
      '/etc/netplan/10-dhcp-all-interfaces.yaml':
        'network:\n  version: 2\n  ethernets:\n    all-eth-interfaces:\n      match: {name: "e*"}\n      dhcp4: yes\n',
    },
    others: { RPICFG: RASPBERRY_BOOT },
  },
  'Raspberry Pi OS Bookworm': {
    root: { ...PI_OS, ...BOOKWORM, '/etc/network/interfaces': 'source /etc/network/interfaces.d/*\n' },
    others: { bootfs: RASPBERRY_BOOT },
  },
  'Raspberry Pi OS Trixie, the first one, without cloud-init': {
    root: { ...PI_OS, ...TRIXIE },
    others: { bootfs: RASPBERRY_BOOT },
  },
  'Raspberry Pi OS Trixie': {
    root: {
      ...PI_OS,
      ...TRIXIE,
      ...CLOUD_INIT,
      ...NETPLAN,
      '/usr/lib/netplan/00-network-manager-all.yaml': 'network: {version: 2, renderer: NetworkManager}\n',
      '/etc/cloud/cloud.cfg.d/99_raspberry-pi.cfg':
        'datasource:\n  NoCloud:\n    seedfrom: file:///boot/firmware\n',
    },
    others: {
      bootfs: {
        ...RASPBERRY_BOOT,
        '/user-data': '#cloud-config\n# everything is commented out\n',
        '/meta-data': 'instance_id: rpios-image\n',
        '/network-config': '# nothing\n',
      },
    },
  },
  'Debian cloud image': {
    root: { ...SSH, ...BOOKWORM, ...CLOUD_INIT, ...NETPLAN, ...enabled('systemd-networkd.service') },
    others: {},
  },
  'Debian with ifupdown': {
    root: {
      ...SSH,
      ...BOOKWORM,
      '/sbin/ifup': '',
      '/etc/network/interfaces':
        'auto lo\niface lo inet loopback\n\nallow-hotplug eth0\niface eth0 inet dhcp\n',
      '/etc/resolv.conf': 'nameserver 10.0.0.1\n',
    },
    others: {},
  },
  'Debian with systemd-networkd': {
    root: {
      ...SSH,
      ...BOOKWORM,
      ...enabled('systemd-networkd.service'),
      '/etc/systemd/network/00-wired.network': '[Match]\nName=en*\n[Network]\nDHCP=yes\n',
    },
    others: {},
  },
  'Debian with cloud-init switched off': {
    root: { ...SSH, ...BOOKWORM, ...CLOUD_INIT, ...NETPLAN, '/etc/cloud/cloud-init.disabled': '' },
    others: {},
  },
} satisfies Record<string, { readonly root: Tree; readonly others: Readonly<Record<string, Tree>> }>;

export type ImageFamilyName = keyof typeof IMAGE_FAMILIES;

/** Files laid over those of a family: in its root, or on its other partitions by label. */
export interface ImageHistory {
  readonly root?: Tree;
  readonly others?: Readonly<Record<string, Tree>>;
}

/** A fresh image of a family in memory, or one that something happened to. */
export function imageOf(
  name: ImageFamilyName,
  history: ImageHistory = {},
): {
  readonly root: MemoryImageFiles;
  readonly partitions: ImagePartitions;
  readonly all: readonly MemoryImageFiles[];
} {
  const { root: tree, others } = IMAGE_FAMILIES[name];
  const root = new MemoryImageFiles({ ...tree, ...history.root });
  const rest = Object.entries(others as Readonly<Record<string, Tree>>).map(([label, files], index) => ({
    number: index + 1,
    label,
    files: new MemoryImageFiles({ ...files, ...history.others?.[label] }, label),
  }));
  return { root, partitions: { root, others: rest }, all: [root, ...rest.map(({ files }) => files)] };
}
