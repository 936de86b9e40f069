import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Nothing of these is needed at a boot, and they are a fifth of the bytes. */
const LEFT_OUT = [
  './usr/share/doc/*',
  './usr/share/man/*',
  './usr/share/info/*',
  './usr/share/locale/*/LC_MESSAGES/*',
];

/** A real Debian root filesystem in a directory of this machine, to be dressed as a system that people flash. */
export class DebianRoot {
  constructor(directory) {
    this.directory = directory;
  }

  /** Unpacks a tar made by make-debian-root.sh. Needs root, for owners and device files. */
  static unpack(tar, directory) {
    mkdirSync(directory, { recursive: true });
    const exclude = LEFT_OUT.map((pattern) => `--exclude=${pattern}`);
    execFileSync('tar', ['-C', directory, '-xf', tar, '--wildcards', ...exclude], { stdio: 'inherit' });
    return new DebianRoot(directory);
  }

  /** Runs a program of the root filesystem in it. */
  run(program, ...parameters) {
    return execFileSync('chroot', [this.directory, program, ...parameters], {
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8', DEBIAN_FRONTEND: 'noninteractive' },
      stdio: ['ignore', 'pipe', 'inherit'],
    }).toString();
  }

  /** Removes packages with their configuration, as an administrator would. */
  purge(...packages) {
    this.run('dpkg', '--purge', ...packages);
    return this;
  }

  systemctl(...parameters) {
    this.run('systemctl', '--quiet', ...parameters);
    return this;
  }

  write(path, content, { mode = 0o644, uid = 0, gid = 0 } = {}) {
    const target = join(this.directory, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, content);
    chownSync(target, uid, gid);
    chmodSync(target, mode);
    return this;
  }

  read(path) {
    return readFileSync(join(this.directory, path), 'utf8');
  }

  /** Replaces text that must be there. */
  edit(path, from, to) {
    const text = this.read(path);
    if (!text.includes(from)) throw new Error(`${path} does not contain ${from}`);
    writeFileSync(join(this.directory, path), text.replace(from, to));
    return this;
  }

  link(path, target) {
    mkdirSync(dirname(join(this.directory, path)), { recursive: true });
    rmSync(join(this.directory, path), { force: true });
    symlinkSync(target, join(this.directory, path));
    return this;
  }

  mkdir(path) {
    mkdirSync(join(this.directory, path), { recursive: true });
    return this;
  }

  exists(path) {
    return existsSync(join(this.directory, path));
  }

  /** Images that are the same for all their users have no host keys yet. */
  removeHostKeys() {
    for (const name of readdirSync(join(this.directory, 'etc/ssh')))
      if (name.startsWith('ssh_host_')) rmSync(join(this.directory, 'etc/ssh', name));
    return this;
  }
}
