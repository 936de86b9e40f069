import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { HostNode } from '../../../provisioning/src/action/host-node.fixture.js';
import { DEBIAN_MISSING, DEBIAN_NEEDS, DEBIAN_PACKAGES, debianRoot } from './debian-root.fixture.js';

const run = promisify(execFile);
/**
 * A real Debian in a directory, entered through namespaces of its own: mounts, host name and network parameters are its own,
 * and nothing of this machine is changed. No init system runs in it.
 */
export class DebianNode extends HostNode implements AsyncDisposable {
  /** What of what a test needs is missing here. */
  static readonly missing = DEBIAN_MISSING;
  static readonly needs = DEBIAN_NEEDS;

  private constructor(
    readonly directory: string,
    private readonly holder: ChildProcess,
    enter: readonly string[],
  ) {
    super(
      enter,
      path.join(directory, 'root'),
      '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    );
  }

  static async make(): Promise<DebianNode> {
    const directory = await mkdtemp(path.join(tmpdir(), 'turingpi-debian-'));
    const root = path.join(directory, 'root');
    await run('cp', ['-a', '--reflink=auto', await debianRoot(DEBIAN_PACKAGES), root]);
    await writeFile(path.join(root, 'etc/apt/sources.list'), '');
    await makeRepository(path.join(root, 'repository'));
    const mounts = [
      'mount --make-rprivate /',
      'mount -t proc proc "$1/proc"',
      'mount -t sysfs sysfs "$1/sys"',
      'mount -t tmpfs tmpfs "$1/run"',
      'echo ready',
      'exec sleep infinity',
    ];
    const own = ['--mount', '--uts', '--net', '--ipc'];
    const holder = spawn('unshare', [...own, 'sh', '-c', mounts.join(' && '), 'sh', root], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [said] = (await Promise.race([once(holder.stdout, 'data'), once(holder, 'exit')])) as [unknown];
    if (!String(said).startsWith('ready'))
      throw new Error(`the namespaces could not be made: ${String(said)}`);
    const enter = ['nsenter', '-t', String(holder.pid), ...own, 'chroot', root];
    return new DebianNode(directory, holder, enter);
  }

  /** What a command prints on it. */
  async says(...command: readonly string[]): Promise<string> {
    return (await this.session.exec(command)).stdout;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.holder, 'exit');
    this.holder.kill('SIGKILL');
    await ended;
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** Packages without content, in two versions where one is to be upgraded. */
const SAMPLES = [
  ['hello-one', '1.0'],
  ['hello-two', '1.0'],
] as const;

async function makeRepository(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const [name, version] of SAMPLES) await addPackage(directory, name, version);
}

/**
 * Puts a package into a repository.
 *
 * @param directory - where it is on this computer
 * @param postinst - what dpkg runs at the end of its installation: lines for `sh`
 */
export async function addPackage(
  directory: string,
  name: string,
  version: string,
  postinst?: string,
): Promise<void> {
  const tree = await mkdtemp(path.join(tmpdir(), 'turingpi-package-'));
  try {
    await mkdir(path.join(tree, 'DEBIAN'));
    await mkdir(path.join(tree, 'etc', name), { recursive: true });
    await writeFile(path.join(tree, 'etc', name, 'settings'), `${version}\n`);
    await writeFile(path.join(tree, 'DEBIAN/conffiles'), `/etc/${name}/settings\n`);
    if (postinst !== undefined)
      await writeFile(path.join(tree, 'DEBIAN/postinst'), `#!/bin/sh\n${postinst}\n`, { mode: 0o755 });
    const control = [
      ...[
        `Package: ${name}`,
        `Version: ${version}`,
        'Architecture: all',
        'Section: misc',
        'Priority: optional',
      ],
      ...['Maintainer: Nobody <nobody@example.org>', 'Description: a package of a test', ''],
    ].join('\n');
    await writeFile(path.join(tree, 'DEBIAN/control'), control);
    const file = path.join(directory, `${name}_${version}_all.deb`);
    await run('dpkg-deb', ['--root-owner-group', '--build', tree, file]);
    const { stdout: sums } = await run('sha256sum', [file]);
    const { stdout: size } = await run('stat', ['-c', '%s', file]);
    const entry = `${control.trimEnd()}\nFilename: ./${path.basename(file)}\nSize: ${size.trim()}\nSHA256: ${sums.split(' ')[0] ?? ''}\n\n`;
    await writeFile(path.join(directory, 'Packages'), entry, { flag: 'a' });
  } finally {
    await rm(tree, { recursive: true, force: true });
  }
}
