import type { BootFiles } from './boot-files.js';

/** A boot loader that finds on the disk itself what it starts, on 64-bit ARM. */
export interface BootLoader {
  /** Path of U-Boot for QEMU's machine `virt`, on this machine. */
  readonly firmware: string;
}

/** The network that QEMU simulates around one node. */
export interface NodeNetwork {
  /** In CIDR form; default `192.168.1.0/24`. */
  readonly cidr?: string;
  /** Address of the router, which also answers DHCP; default `192.168.1.1`. */
  readonly gateway?: string;
}

/** An NVMe of a node. */
export interface NvmeDisk {
  /** File with what is on it. */
  readonly path: string;
  readonly serial: string;
}

export interface QemuArgumentOptions {
  readonly slot: 1 | 2 | 3 | 4;
  readonly emmcPath: string;
  /** A second disk. */
  readonly nvme?: NvmeDisk | undefined;
  readonly boot: BootFiles | BootLoader;
  readonly network: NodeNetwork;
  /** Address that the node's system uses; undefined for the one that DHCP gives it. */
  readonly guestAddress: string | undefined;
  /** Where this machine listens for the node's port 22. */
  readonly forward: { readonly host: string; readonly port: number };
  /** MiB of memory. */
  readonly memoryMib: number;
  readonly processors: number;
}

/**
 * The arguments of `qemu-system-x86_64`, or with a boot loader of `qemu-system-aarch64`, for one node: software emulation,
 * its console on standard input and output.
 */
export function qemuArguments(options: QemuArgumentOptions): string[] {
  const { boot, forward, slot } = options;
  const { cidr = '192.168.1.0/24', gateway = '192.168.1.1' } = options.network;
  return [
    ...['-name', `node${slot}`, '-nodefaults', '-display', 'none', '-monitor', 'none'],
    // Never KVM: it exists but fails inside many virtual machines, and CI runs in those.
    ...['-accel', 'tcg,thread=multi', '-smp', String(options.processors)],
    ...['-m', String(options.memoryMib)],
    ...('firmware' in boot ? startOfArm64(boot) : startOfPc(boot)),
    // Unsafe only if this machine crashes: the eMMC is a simulation anyway.
    ...['-drive', `file=${escaped(options.emmcPath)},format=raw,if=virtio,cache=unsafe`],
    ...(options.nvme ? nvmeArguments(options.nvme) : []),
    ...[
      '-netdev',
      `user,id=lan,net=${cidr},host=${gateway},hostfwd=tcp:${forward.host}:${forward.port}-${options.guestAddress ?? ''}:22`,
    ],
    ...['-device', `virtio-net-pci,netdev=lan,mac=02:54:50:00:00:0${slot},romfile=`],
    ...['-device', 'virtio-rng-pci'],
    ...['-chardev', 'stdio,id=uart,signal=off', '-serial', 'chardev:uart'],
  ];
}

function startOfPc({ kernel, initrd, rootUuid }: BootFiles): string[] {
  return [
    ...['-cpu', 'max', '-kernel', kernel, '-initrd', initrd],
    ...['-append', `root=UUID=${rootUuid} ro console=ttyS0,115200`],
  ];
}

/** The usual pointer authentication takes most of the time of an emulated processor. */
function startOfArm64({ firmware }: BootLoader): string[] {
  return ['-machine', 'virt', '-cpu', 'max,pauth-impdef=on', '-bios', firmware];
}

function nvmeArguments({ path, serial }: NvmeDisk): string[] {
  return [
    ...['-drive', `file=${escaped(path)},format=raw,if=none,id=nvme,cache=unsafe`],
    ...['-device', `nvme,drive=nvme,serial=${escaped(serial)}`],
  ];
}

/** A comma ends a value in QEMU's options, two of them are one. */
function escaped(path: string): string {
  return path.replaceAll(',', ',,');
}
