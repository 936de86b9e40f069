/** Collects the files of a root filesystem: a sorted list in which every parent directory precedes its content. */
export class FileTree {
  #entries = new Map([['/', { path: '/', type: 'directory', mode: 0o755, uid: 0, gid: 0 }]]);

  directory(path, { mode = 0o755, uid = 0, gid = 0 } = {}) {
    return this.#add({ path, type: 'directory', mode, uid, gid });
  }

  file(path, content = '', { mode = 0o644, uid = 0, gid = 0 } = {}) {
    return this.#add({ path, type: 'file', content, mode, uid, gid });
  }

  symlink(path, target) {
    return this.#add({ path, type: 'symlink', target, mode: 0o777, uid: 0, gid: 0 });
  }

  /** Programs that only have to exist with the right mode: this is a picture of a system, not one that runs. */
  programs(directory, names) {
    for (const name of names) this.file(`${directory}/${name}`, `#!/bin/sh\n# ${name}\n`, { mode: 0o755 });
    return this;
  }

  entries() {
    return [...this.#entries.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  #add(entry) {
    const parent = entry.path.slice(0, entry.path.lastIndexOf('/')) || '/';
    if (!this.#entries.has(parent)) this.directory(parent);
    if (this.#entries.get(parent).type !== 'directory') throw new Error(`${parent} is not a directory`);
    this.#entries.set(entry.path, entry);
    return this;
  }
}

/** What both systems have in common: merged /usr, the standard directories and Debian's base accounts. */
export function debianTree({ users = [], groups = [] }) {
  const tree = new FileTree();
  for (const name of ['bin', 'sbin', 'lib'])
    tree.directory(`/usr/${name}`).symlink(`/${name}`, `usr/${name}`);
  for (const path of ['/boot', '/dev', '/home', '/media', '/mnt', '/opt', '/proc', '/run', '/srv', '/sys'])
    tree.directory(path);
  for (const path of ['/usr/local/bin', '/usr/local/sbin', '/usr/local/etc', '/usr/share', '/var/cache'])
    tree.directory(path);
  tree.directory('/root', { mode: 0o700 }).directory('/tmp', { mode: 0o1777 });
  tree.directory('/var/tmp', { mode: 0o1777 }).directory('/var/lib').directory('/var/log');
  tree.symlink('/var/run', '/run').symlink('/var/lock', '/run/lock');

  const accounts = [
    ['root', 0, 0, 'root', '/root', '/bin/bash', '*'],
    ['daemon', 1, 1, 'daemon', '/usr/sbin', '/usr/sbin/nologin', '*'],
    ['bin', 2, 2, 'bin', '/bin', '/usr/sbin/nologin', '*'],
    ['sys', 3, 3, 'sys', '/dev', '/usr/sbin/nologin', '*'],
    ['www-data', 33, 33, 'www-data', '/var/www', '/usr/sbin/nologin', '*'],
    ['nobody', 65534, 65534, 'nobody', '/nonexistent', '/usr/sbin/nologin', '*'],
    ['sshd', 105, 65534, '', '/run/sshd', '/usr/sbin/nologin', '!'],
    ...users,
  ];
  const members = [
    ['root', 0],
    ['daemon', 1],
    ['bin', 2],
    ['sys', 3],
    ['adm', 4],
    ['tty', 5],
    ['disk', 6],
    ['dialout', 20],
    ['cdrom', 24],
    ['sudo', 27],
    ['audio', 29],
    ['dip', 30],
    ['www-data', 33],
    ['shadow', 42],
    ['video', 44],
    ['plugdev', 46],
    ['users', 100],
    ['nogroup', 65534],
    ...groups,
  ];
  const lines = (rows) => rows.map((row) => `${row.join(':')}\n`).join('');
  tree.file(
    '/etc/passwd',
    lines(accounts.map(([name, uid, gid, gecos, home, shell]) => [name, 'x', uid, gid, gecos, home, shell])),
  );
  tree.file(
    '/etc/shadow',
    lines(accounts.map(([name, , , , , , hash]) => [name, hash, 19700, 0, 99999, 7, '', '', ''])),
    { mode: 0o640, gid: 42 },
  );
  tree.file('/etc/group', lines(members.map(([name, gid, users = '']) => [name, 'x', gid, users])));
  tree.file('/etc/gshadow', lines(members.map(([name, , users = '']) => [name, '*', '', users])), {
    mode: 0o640,
    gid: 42,
  });
  tree.file('/etc/subuid').file('/etc/subgid');
  tree.file('/etc/shells', '# /etc/shells: valid login shells\n/bin/sh\n/bin/bash\n/usr/bin/bash\n');
  tree.file('/etc/machine-id', '', { mode: 0o444 });
  tree.file('/etc/nsswitch.conf', 'passwd: files systemd\ngroup: files systemd\nhosts: files dns\n');
  tree.file('/etc/skel/.bashrc', '# ~/.bashrc\n').file('/etc/skel/.profile', '# ~/.profile\n');

  tree.programs('/usr/bin', [
    'bash',
    'cat',
    'cp',
    'hostname',
    'hostnamectl',
    'id',
    'ls',
    'mkdir',
    'passwd',
    'ssh-keygen',
    'sudo',
    'systemctl',
    'timedatectl',
    'uname',
    'apt-get',
    'dpkg',
    'dpkg-query',
  ]);
  tree.symlink('/usr/bin/sh', 'bash');
  tree.programs('/usr/sbin', ['sshd', 'useradd', 'usermod', 'chpasswd', 'nologin', 'ip', 'reboot']);
  tree.programs('/usr/lib/systemd', ['systemd']);
  tree.symlink('/usr/sbin/init', '../lib/systemd/systemd');

  tree.file(
    '/etc/sudoers',
    'Defaults\tenv_reset\nDefaults\tsecure_path="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"\n' +
      'root\tALL=(ALL:ALL) ALL\n%sudo\tALL=(ALL:ALL) ALL\n@includedir /etc/sudoers.d\n',
    { mode: 0o440 },
  );
  tree.directory('/etc/sudoers.d', { mode: 0o750 });
  tree.file('/etc/sudoers.d/README', '# Files here need mode 0440.\n', { mode: 0o440 });

  tree.file(
    '/etc/ssh/sshd_config',
    'Include /etc/ssh/sshd_config.d/*.conf\nKbdInteractiveAuthentication no\nUsePAM yes\nX11Forwarding yes\n' +
      'PrintMotd no\nAcceptEnv LANG LC_*\nSubsystem\tsftp\t/usr/lib/openssh/sftp-server\n',
  );
  tree.directory('/etc/ssh/sshd_config.d');
  tree.file('/etc/ssh/ssh_config', 'Host *\n    SendEnv LANG LC_*\n');
  tree.programs('/usr/lib/openssh', ['sftp-server']);
  return tree;
}

/** A systemd unit as its package installs it. */
export function unit(tree, name, description, wantedBy) {
  const install = wantedBy === undefined ? '' : `\n[Install]\nWantedBy=${wantedBy}\n`;
  const body = name.endsWith('.service') ? `\n[Service]\nExecStart=/usr/bin/true\n` : '';
  return tree.file(
    `/usr/lib/systemd/system/${name}`,
    `[Unit]\nDescription=${description}\n${body}${install}`,
  );
}

/** Enables a unit as `systemctl enable` does: a link in the target's `.wants`, with an absolute target. */
export function enable(tree, name, target) {
  return tree.symlink(`/etc/systemd/system/${target}.wants/${name}`, `/lib/systemd/system/${name}`);
}
