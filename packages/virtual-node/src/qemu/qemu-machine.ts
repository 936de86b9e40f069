import { once } from 'node:events';
import { stat, truncate } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { TuringPiError } from '@turingpi/foundation';
import type { NodeMachine, NodeMachineOptions } from '../node-machine.js';
import { NodePort } from '../ssh/node-port.js';
import { type BootFiles, loadBootFiles } from './boot-files.js';
import { hasBootLoaderFiles } from './boot-loader-files.js';
import { type BootLoader, type NodeNetwork, type NvmeDisk, qemuArguments } from './qemu-arguments.js';
import { QemuProcess, requireFirmware, requireQemu } from './qemu-process.js';

/** How a node that really boots is made. */
export interface QemuMachineOptions extends NodeMachineOptions {
  /** What the node is. Default: what the system on the eMMC is for, a PC or a machine with 64-bit ARM. */
  readonly architecture?: 'x86-64' | 'arm64';
  /** The emulator of a PC, by name or path; default `qemu-system-x86_64`. */
  readonly qemu?: string;
  /** The emulator of a machine with 64-bit ARM, by name or path; default `qemu-system-aarch64`. */
  readonly qemuArm64?: string;
  /** U-Boot for that machine; default is where Debian's `u-boot-qemu` has it. */
  readonly firmware?: string;
  /** An NVMe beside the eMMC; default none. */
  readonly nvme?: NvmeDisk;
  /** The network around the node; default `192.168.1.0/24` with its router at `192.168.1.1`. */
  readonly network?: NodeNetwork;
  /** MiB of memory; default 1024. */
  readonly memoryMib?: number;
  /** Emulated processors; default 2. One is cheaper where several nodes boot at once. */
  readonly processors?: number;
}

const LOOPBACK = '127.0.0.1';
const FIRMWARE = '/usr/lib/u-boot/qemu_arm64/u-boot.bin';

/**
 * A node of boot depth `qemu`: the flashed system really boots, in a machine with software emulation.
 *
 * @remarks
 * A system for 64-bit ARM is started by a real U-Boot, which finds kernel and initrd on the eMMC itself. A PC has no boot
 * loader here: its kernel and initrd are loaded from `/boot` of the root filesystem. The eMMC is the disk `/dev/vda`, as
 * large as the chip. Each node is alone in a network of its own, with a router, DHCP (which hands out the 15th address) and name service (the 3rd); its SSH is forwarded from
 * the machine's address to the node's own one and so answers only if the system really took that address.
 * Processor and memory are those of the emulator; a command that switches the node off leaves it off until the power
 * was cut and switched on again.
 */
export class QemuMachine implements NodeMachine {
  #running: QemuProcess | undefined;
  /** The boot loader that started it the last time. */
  #bootLoader: BootLoader | undefined;

  private constructor(
    private readonly options: QemuMachineOptions,
    private readonly program: string,
    private readonly port: NodePort,
  ) {}

  /** @throws MachineError `MACHINE_QEMU_MISSING` */
  static async create(options: QemuMachineOptions): Promise<QemuMachine> {
    const program = options.qemu ?? 'qemu-system-x86_64';
    if (options.architecture === 'arm64') await requireArm64(options);
    else
      await requireQemu(program).catch(async (error: unknown) => {
        if (options.architecture === 'x86-64' || options.qemu !== undefined) throw error;
        // What is on the eMMC may be for the other one.
        await requireArm64(options).catch(() => {
          throw error;
        });
      });
    return new QemuMachine(options, program, await NodePort.reserve(options.ssh.host, options.ssh.port));
  }

  get ssh(): { readonly host: string; readonly port: number } {
    return { host: this.port.host, port: this.port.port };
  }

  async powerOn(): Promise<void> {
    if (this.#running) return;
    try {
      await this.boot();
    } catch (error) {
      const code = TuringPiError.is(error) ? `${error.code}: ` : '';
      this.#say(
        `## No bootable system on the eMMC: ${code}${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }

  async powerOff(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    this.port.silence();
    await running?.kill();
  }

  sendConsole(data: string): void {
    this.#running?.type(data);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.powerOff();
    await this.port[Symbol.asyncDispose]();
  }

  /**
   * Switches it on as {@link powerOn} does, and says what keeps it from that.
   *
   * @returns `ended` is fulfilled when it is off again, with what the emulator complained about: nothing when it has switched
   * itself off.
   * @throws MachineError `MACHINE_NOT_BOOTABLE`, `MACHINE_QEMU_MISSING`; ImageError for an eMMC without a readable system.
   */
  async boot(): Promise<{ readonly ended: Promise<string> }> {
    this.#running ??= await this.#start();
    return { ended: this.#running.ended };
  }

  async #start(): Promise<QemuProcess> {
    const { emmcPath, emmcSizeBytes, slot, boardType } = this.options;
    const boot = await this.#findStart();
    const isArm64 = 'firmware' in boot;
    this.#bootLoader = isArm64 ? boot : undefined;
    const program = isArm64 ? emulatorOf(this.options) : this.program;
    if (!isArm64) await requireQemu(program);
    if (emmcSizeBytes !== undefined && (await stat(emmcPath)).size < emmcSizeBytes)
      await truncate(emmcPath, emmcSizeBytes); // sparse: the unwritten rest of the chip
    this.#say(`[virtual board] node ${slot} (${boardType}): boots in ${program}`);
    const inner = await freePort();
    const running = new QemuProcess(
      program,
      qemuArguments({
        slot,
        emmcPath,
        nvme: this.options.nvme,
        boot,
        network: this.options.network ?? {},
        guestAddress: this.options.address,
        forward: { host: LOOPBACK, port: inner },
        memoryMib: this.options.memoryMib ?? 1024,
        processors: this.options.processors ?? 2,
      }),
      (text) => this.options.onConsole(text),
    );
    this.port.answer((socket) => forward(socket, inner));
    void running.ended.then((complaint) => {
      if (this.#running !== running) return; // the power was cut
      this.port.silence();
      this.#say(
        complaint === ''
          ? 'the node has switched itself off'
          : `MACHINE_QEMU_FAILED: ${program}: ${complaint}`,
      );
    });
    return running;
  }

  async #findStart(): Promise<BootFiles | BootLoader> {
    const { architecture, emmcPath } = this.options;
    if (architecture === 'arm64') return await requireArm64(this.options);
    try {
      return await loadBootFiles(emmcPath, `${emmcPath}.boot`);
    } catch (error) {
      if (architecture === 'x86-64') throw error;
      // After a power cut nothing can be read here until the node has replayed its journal.
      const isDirty = TuringPiError.is(error) && error.code === 'IMAGE_FILESYSTEM_DIRTY';
      if (isDirty && this.#bootLoader) return this.#bootLoader;
      if (!(await hasBootLoaderFiles(emmcPath))) throw error;
      return await requireArm64(this.options);
    }
  }

  #say(line: string): void {
    this.options.onConsole(`${line}\r\n`);
  }
}

/** Makes a node of boot depth `qemu`. @throws MachineError `MACHINE_QEMU_MISSING` */
export function createQemuMachine(options: QemuMachineOptions): Promise<QemuMachine> {
  return QemuMachine.create(options);
}

function emulatorOf({ qemuArm64 = 'qemu-system-aarch64' }: QemuMachineOptions): string {
  return qemuArm64;
}

async function requireArm64(options: QemuMachineOptions): Promise<BootLoader> {
  const { firmware = FIRMWARE } = options;
  await requireQemu(emulatorOf(options), 'qemu-system-arm');
  await requireFirmware(firmware);
  return { firmware };
}

/** QEMU binds its port itself, and only while it runs; ours in front of it is reserved for the node's whole life. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, LOOPBACK);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const closed = once(server, 'close');
  server.close();
  await closed;
  return port;
}

function forward(socket: Socket, port: number): void {
  const upstream = connect(port, LOOPBACK);
  const end = (): void => {
    socket.destroy();
    upstream.destroy();
  };
  for (const side of [socket, upstream]) side.on('error', end).on('close', end).setNoDelay(true);
  socket.pipe(upstream).pipe(socket);
}
