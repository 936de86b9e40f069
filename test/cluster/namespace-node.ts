import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { NetworkSwitch } from './network-switch.js';

const run = promisify(execFile);

/** Makes namespaces a computer: a disk that begins as the root, devices, and systemd in its own control group. */
const BOOT = [
  'set -e; base=$1 disk=$2 own=$3 name=$4',
  'mount --make-rprivate /; mount -t tmpfs tmpfs "$disk"; mkdir "$disk/upper" "$disk/work" "$disk/root"; root=$disk/root',
  'mount -t overlay overlay -o "lowerdir=$base,upperdir=$disk/upper,workdir=$disk/work" "$root"',
  'cp -a "$own/." "$root/"; hostname "$name"',
  'mount -t proc proc "$root/proc"; mount -t sysfs sysfs "$root/sys"; mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"',
  'mount -t tmpfs -o mode=755 tmpfs "$root/run"; mount -t tmpfs -o mode=755 tmpfs "$root/dev"; mkdir "$root/dev/pts" "$root/dev/shm"',
  'for n in null zero full random urandom tty; do : >"$root/dev/$n"; mount --bind "/dev/$n" "$root/dev/$n"; done',
  'mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"; ln -s pts/ptmx "$root/dev/ptmx"',
  'ip link set lo up; echo ready; read -r go',
  'exec env -i container=turingpi PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot "$root" /lib/systemd/systemd',
].join('\n');

export interface NamespaceNodeOptions {
  /** The root that its disk begins as. */
  readonly base: string;
  /** An empty directory of its own. */
  readonly disk: string;
  /** Files that its disk has besides: what the installation put there. */
  readonly own: string;
  readonly hostname: string;
  readonly address: string;
  readonly network: NetworkSwitch;
}

/**
 * A computer in namespaces of its own (processes, mounts, network, host name, control group) with a real systemd and an
 * address on a bridge. Its disk is gone with it.
 */
export class NamespaceNode implements AsyncDisposable {
  private constructor(
    private readonly init: ChildProcess,
    private readonly cgroup: string,
  ) {}

  static async start({
    base,
    disk,
    own,
    hostname,
    address,
    network,
  }: NamespaceNodeOptions): Promise<NamespaceNode> {
    const cgroup = path.join(await unifiedHierarchy(), `turingpi-${process.pid}-${hostname}`);
    await mkdir(cgroup, { recursive: true });
    const namespaces = ['--mount', '--uts', '--net', '--ipc', '--pid', '--cgroup', '--fork', '--kill-child'];
    const enter = 'echo $$ >"$1/cgroup.procs"; shift; exec setpriv --pdeathsig KILL unshare "$@"';
    const child = spawn(
      'sh',
      ['-c', enter, 'sh', cgroup, ...namespaces, 'sh', '-c', BOOT, 'sh', base, disk, own, hostname],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    const node = new NamespaceNode(child, cgroup);
    try {
      const [said] = (await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])) as [unknown];
      if (String(said).trim() !== 'ready') throw new Error(`${hostname} did not start: ${String(said)}`);
      if (child.pid === undefined) throw new Error(`${hostname} has no process`);
      await network.plugIn(child.pid, address);
      child.stdin.end('go\n');
      return node;
    } catch (error) {
      await node[Symbol.asyncDispose]();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.init.exitCode === null && this.init.signalCode === null) {
      const ended = once(this.init, 'exit');
      this.init.kill('SIGKILL');
      await ended;
    }
    await emptied(this.cgroup);
  }
}

/** Where control groups of the second version are: alone, or beside those of the first. */
async function unifiedHierarchy(): Promise<string> {
  const mounts = await readFile('/proc/self/mounts', 'utf8');
  const line = mounts.split('\n').find((mount) => mount.split(' ')[2] === 'cgroup2');
  if (line === undefined) throw new Error('no control groups of the second version are mounted');
  return line.split(' ')[1] ?? '';
}

/** Removes a control group when its processes are gone, which the kernel ends one by one. */
async function emptied(cgroup: string): Promise<void> {
  await run('sh', [
    '-c',
    'for i in $(seq 100); do find "$1" -depth -type d -exec rmdir {} \\; 2>/dev/null; test -d "$1" || exit 0; sleep 0.05; done',
    'sh',
    cgroup,
  ]);
  await rmdir(cgroup).catch(() => undefined);
}
