import { DiskImage } from './disk-image.mjs';

const ROOT_UUID = 'c4b7e0d9-3a15-4f82-b6de-58209f7e1ca3';
const ROOT_MIB = 800;

/**
 * Armbian Debian for the RK1, minimal: one partition, netplan with networkd and DHCP on everything, root with a known
 * password that must be changed, a wizard at the first login, SSH host keys made at the first boot, no cloud-init.
 */
export const armbian = {
  dress(root) {
    root.purge('cloud-init', 'network-manager', 'ifupdown').removeHostKeys();
    root.write(
      '/etc/armbian-release',
      'BOARD=turing-rk1\nBOARD_NAME="Turing RK1"\nBOARDFAMILY=rockchip-rk3588\nVERSION=25.8.1\nLINUXFAMILY=rk35xx\n' +
        'ARCH=arm64\nIMAGE_TYPE=stable\nBRANCH=vendor\n',
    );
    root.write(
      '/boot/armbianEnv.txt',
      'overlay_prefix=rockchip-rk3588\nfdtfile=rockchip/rk3588-turing-rk1.dtb\n',
    );
    root
      .write('/etc/hostname', 'turing-rk1\n')
      .write('/etc/hosts', '127.0.0.1\tlocalhost\n127.0.1.1\tturing-rk1\n');
    root.write('/etc/fstab', `UUID=${ROOT_UUID} / ext4 defaults,noatime,commit=120,errors=remount-ro 0 1\n`);
    root.write(
      '/etc/netplan/10-dhcp-all-interfaces.yaml',
      'network:\n  version: 2\n  renderer: networkd\n  ethernets:\n    all-eth-interfaces:\n' +
        '      match:\n        name: "e*"\n      dhcp4: yes\n      dhcp6: yes\n      ipv6-privacy: yes\n',
      { mode: 0o600 },
    );
    root.systemctl('enable', 'systemd-networkd.service');
    dressFirstLogin(root);
    dressFirstRun(root);
  },
  layOut(root, path, work) {
    return DiskImage.make(
      path,
      work,
      17 + ROOT_MIB,
      `label: gpt\nstart=32768, size=${ROOT_MIB * 2048}, type=B921B045-1DF0-41C3-AF44-4C6F280D3FAE, name="rootfs"\n`,
    ).addExt4({ atMib: 16, sizeMib: ROOT_MIB, label: 'armbi_root', uuid: ROOT_UUID }, root.directory);
  },
};

/** root/1234, to be changed at once; consoles log root in by themselves, and every terminal gets the wizard. */
function dressFirstLogin(root) {
  root.run('sh', '-c', 'echo root:1234 | chpasswd && chage --lastday 0 root');
  root.edit('/etc/ssh/sshd_config', '#PermitRootLogin prohibit-password', 'PermitRootLogin yes');
  root.write('/root/.not_logged_in_yet', '');
  root.write(
    '/etc/profile.d/armbian-check-first-login.sh',
    'if [ "$(id -u)" = 0 ] && [ -e /root/.not_logged_in_yet ]; then /usr/lib/armbian/armbian-firstlogin; fi\n',
  );
  root.write(
    '/usr/lib/armbian/armbian-firstlogin',
    '#!/bin/bash\ntty -s || exit 0\nuntil test -n "$first" && test "$first" = "$second"; do\n' +
      '  read -rsp "Create root password: " first; echo\n  read -rsp "Repeat root password: " second; echo\ndone\n' +
      'printf "root:%s" "$first" | chpasswd\nrm /root/.not_logged_in_yet\n' +
      'read -rp "Please provide a username (eg. your first name): " name\nadduser "$name"\n',
    { mode: 0o755 },
  );
  for (const unit of ['getty@', 'serial-getty@'])
    root.write(
      `/etc/systemd/system/${unit}.service.d/override.conf`,
      '[Service]\nExecStart=\nExecStart=-/sbin/agetty --noissue --autologin root %I $TERM\nType=idle\n',
    );
}

/** What Armbian does once: new host keys, unless it is told otherwise, and the root filesystem as large as the disk. */
function dressFirstRun(root) {
  root.write(
    '/etc/default/armbian-firstrun',
    '# Settings of armbian-firstrun\nOPENSSHD_REGENERATE_HOST_KEYS=true\n',
  );
  root.write(
    '/usr/lib/armbian/armbian-firstrun',
    '#!/bin/bash\n. /etc/default/armbian-firstrun\nif [ "$OPENSSHD_REGENERATE_HOST_KEYS" = true ]; then\n' +
      '  rm -f /etc/ssh/ssh_host*\n  ssh-keygen -A\n  systemctl --no-block try-restart ssh.service\nfi\n' +
      'systemctl --no-reload disable armbian-firstrun.service\n',
    { mode: 0o755 },
  );
  root.write(
    '/usr/lib/armbian/armbian-resize-filesystem',
    '#!/bin/bash -e\ndevice=$(findmnt --noheadings --output SOURCE /)\ngrowpart "${device%1}" 1\nresize2fs "$device"\n' +
      'systemctl --no-reload disable armbian-resize-filesystem.service\n',
    { mode: 0o755 },
  );
  for (const [name, order] of [
    ['armbian-firstrun', 'Before=ssh.service'],
    ['armbian-resize-filesystem', 'After=systemd-remount-fs.service'],
  ]) {
    root.write(
      `/usr/lib/systemd/system/${name}.service`,
      `[Unit]\nDescription=${name}\n${order}\n\n[Service]\nType=oneshot\nRemainAfterExit=yes\n` +
        `ExecStart=/usr/lib/armbian/${name}\nTimeoutStartSec=2min\n\n[Install]\nWantedBy=basic.target\n`,
    );
    root.systemctl('enable', `${name}.service`);
  }
}
