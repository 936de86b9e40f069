import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { NetworkSwitch } from './network-switch.js';

const run = promisify(execFile);

/** Makes namespaces a computer: a disk that begins as the root, and devices. It starts whenever a line comes. */
const COMPUTER = [
  'set -e; base=$1 disk=$2 own=$3 name=$4',
  'mount --make-rprivate /; mount -t tmpfs tmpfs "$disk"; mkdir "$disk/upper" "$disk/work" "$disk/root"; root=$disk/root',
  'mount -t overlay overlay -o "lowerdir=$base,upperdir=$disk/upper,workdir=$disk/work" "$root"',
  'cp -a "$own/." "$root/"; hostname "$name"',
  // As a container has it, so that networkd waits for no udev; what is told of network devices stays in the namespace.
  'mount -t sysfs sysfs "$root/sys"; mount --bind "$root/sys/devices/virtual/net" "$root/sys/devices/virtual/net"',
  'mount -o remount,bind,ro "$root/sys"; mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"',
  'mount -t tmpfs -o mode=755 tmpfs "$root/dev"; mkdir "$root/dev/pts" "$root/dev/shm"',
  'for n in null zero full random urandom tty; do : >"$root/dev/$n"; mount --bind "/dev/$n" "$root/dev/$n"; done',
  'mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"; ln -s pts/ptmx "$root/dev/ptmx"',
  'ip link set lo up; echo ready',
  'while read -r go; do setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child sh -c "$5" sh "$root" & echo "$!"; wait "$!" || :; done',
].join('\n');

/** Starts it: systemd, as the first process, with nothing in its memory. */
const START = [
  'set -e; root=$1; mount -t proc proc "$root/proc"; mount -t tmpfs -o mode=755 tmpfs "$root/run"',
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
  /** Undefined: its system sets up its network. */
  readonly address: string | undefined;
  readonly network: NetworkSwitch;
}

/**
 * A computer in namespaces of its own (processes, mounts, network, host name, control group) with a real systemd and an
 * address on a bridge. Its disk is gone with it.
 */
export class NamespaceNode implements AsyncDisposable {
  private constructor(
    private readonly computer: ChildProcess,
    private readonly cgroup: string,
    /** Where what it sees of its files is. */
    private readonly root: string,
  ) {}

  #running: number | undefined;

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
    const namespaces = ['--mount', '--uts', '--net', '--ipc', '--cgroup'];
    const enter = 'echo $$ >"$1/cgroup.procs"; shift; exec setpriv --pdeathsig KILL unshare "$@"';
    const child = spawn(
      'sh',
      [
        '-c',
        enter,
        'sh',
        cgroup,
        ...namespaces,
        'sh',
        '-c',
        COMPUTER,
        'sh',
        base,
        disk,
        own,
        hostname,
        START,
      ],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    const node = new NamespaceNode(child, cgroup, path.join(disk, 'root'));
    try {
      const [said] = (await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])) as [unknown];
      if (String(said).trim() !== 'ready') throw new Error(`${hostname} did not start: ${String(said)}`);
      if (child.pid === undefined) throw new Error(`${hostname} has no process`);
      await network.plugIn(child.pid, address);
      await node.#switchOn();
      return node;
    } catch (error) {
      await node[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Takes its power away, and gives it back: what was not on its disk is lost, and its network with it. */
  async powerCut(): Promise<void> {
    if (this.#running === undefined || this.computer.pid === undefined) throw new Error('it is off');
    const first = await childOf(this.#running);
    process.kill(this.#running, 'SIGKILL');
    await ended(first); // until then, what sets up its network may do so once more
    await run('nsenter', ['-t', String(this.computer.pid), '-n', 'ip', 'addr', 'flush', 'dev', 'eth0']);
    await this.#switchOn();
  }

  /** What a command prints that somebody at its console would run, whatever its network is. */
  async says(...command: readonly string[]): Promise<string> {
    const pid = String(this.computer.pid);
    const inside = ['-t', pid, '--mount', '--uts', '--net', '--ipc'];
    return (await run('nsenter', [...inside, 'chroot', this.root, ...command])).stdout;
  }

  /** What a command prints that somebody runs who is logged in: it sees its system, as `systemctl` has to. */
  async systemSays(...command: readonly string[]): Promise<string> {
    const pid = String(this.#running);
    const inside = [
      '-t',
      pid,
      '--mount',
      '--uts',
      '--net',
      '--ipc',
      `--pid=/proc/${pid}/ns/pid_for_children`,
    ];
    return (await run('nsenter', [...inside, 'chroot', this.root, ...command])).stdout;
  }

  /** Has its disk hold no more than there is on it now, or, for `undefined`, as much as it likes. */
  async limitDisk(to: 'full' | undefined): Promise<void> {
    const within = ['-t', String(this.computer.pid), '--mount'];
    const disk = path.dirname(this.root);
    const { stdout } = await run('nsenter', [...within, 'df', '--output=used', disk]);
    const size = to === 'full' ? `${stdout.trim().split('\n').at(-1)?.trim() ?? ''}k` : '50%';
    await run('nsenter', [...within, 'mount', '-o', `remount,size=${size}`, disk]);
  }

  async #switchOn(): Promise<void> {
    const { stdin, stdout } = this.computer;
    if (stdin === null || stdout === null) throw new Error('it has no switch');
    const told = once(stdout, 'data');
    stdin.write('go\n');
    this.#running = Number(String((await told)[0]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#running !== undefined) killed(this.#running);
    if (this.computer.exitCode === null && this.computer.signalCode === null) {
      const ended = once(this.computer, 'exit');
      this.computer.kill('SIGKILL');
      await ended;
    }
    await emptied(this.cgroup);
  }
}

async function childOf(pid: number): Promise<string> {
  return (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim();
}

/** Waits until the first process of a namespace has ended, which it does last: nobody may be there to hear of it. */
async function ended(pid: string): Promise<void> {
  const state = () => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  for (;;) {
    const stat = await state();
    if (stat === undefined || stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z')) return;
    await sleep(20);
  }
}

/** Ends a process that may have ended. */
function killed(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    return; // it has
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
