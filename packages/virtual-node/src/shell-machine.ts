import { stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { CleanupStack } from '@turingpi/foundation';
import { bootLoaderLog } from './console/boot-log.js';
import { FlashedDisk } from './disk/flashed-disk.js';
import { findInstaller } from './installer/flashed-installer.js';
import { runInstaller } from './installer/run-installer.js';
import type { NodeMachine, NodeMachineOptions } from './node-machine.js';
import { NodePort } from './ssh/node-port.js';
import { bootSystem } from './system/boot-system.js';
import type { ConfiguredAddress } from './system/configured-addresses.js';
import { WorkQueue } from './system/work-queue.js';

/** How a simulated node is made. */
export interface ShellMachineOptions extends NodeMachineOptions {
  /** How long a boot takes before SSH answers, in milliseconds; default 300. */
  readonly bootDelayMs?: number;
  /**
   * Text of the installer script that the node may run with this computer's `sh` when it is flashed with an installer. One
   * with another script is not run: what an image says is nothing to execute. Default: none.
   */
  readonly installerScript?: string | undefined;
}

interface Run {
  readonly power: AbortController;
  /** Fulfilled when everything of this run has come to its end and the eMMC is closed. */
  readonly ended: Promise<void>;
}

/**
 * A node of boot depth `shell`: a SIMULATION. It boots nothing, but what a user meets over the network is taken from
 * the flashed image: host keys, users, authorized keys, host name, files, cloud-init's seed.
 *
 * @remarks
 * Booting alone leaves the eMMC's bytes as they were flashed: what a first boot would write is held in memory and
 * committed with the first thing that a user of the node writes.
 */
export class ShellMachine implements NodeMachine {
  #run: Run | undefined;
  #addresses: readonly ConfiguredAddress[] = [];
  #typed: ((line: string) => void) | undefined;
  #processes: ReadonlySet<readonly string[]> = new Set();

  private constructor(
    private readonly options: ShellMachineOptions,
    private readonly port: NodePort,
  ) {}

  static async create(options: ShellMachineOptions): Promise<ShellMachine> {
    return new ShellMachine(options, await NodePort.reserve(options.ssh.host, options.ssh.port));
  }

  get ssh(): { readonly host: string; readonly port: number } {
    return { host: this.port.host, port: this.port.port };
  }

  /** The static addresses that the booted image configures; empty while it is off. */
  get configuredAddresses(): readonly ConfiguredAddress[] {
    return this.#addresses;
  }

  get processes(): readonly string[] {
    return [...this.#processes].map((argv) => argv.join(' '));
  }

  /** Returns when the node has power; it boots from then on. */
  powerOn(): Promise<void> {
    if (this.#run !== undefined) return Promise.resolve();
    const power = new AbortController();
    const ended = this.#live(power.signal).catch((error: unknown) => {
      if (!power.signal.aborted) this.#print(`[virtual board] the node stopped: ${String(error)}`);
    });
    this.#run = { power, ended };
    return Promise.resolve();
  }

  async powerOff(): Promise<void> {
    const run = this.#run;
    if (run === undefined) return;
    this.port.silence();
    run.power.abort(new Error('the node has no power'));
    await run.ended;
    this.#run = undefined;
  }

  sendConsole(data: string): void {
    this.#typed?.(data);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.powerOff();
    await this.port[Symbol.asyncDispose]();
  }

  /** One boot after the other, until the power goes or the system switches itself off. */
  async #live(power: AbortSignal): Promise<void> {
    while (!power.aborted) {
      const how = await this.#boot(power);
      this.port.silence();
      this.#addresses = [];
      this.#typed = undefined;
      this.#processes = new Set();
      if (how === 'power-off') this.#print('reboot: Power down'); // as Linux says it
      if (how !== 'reboot') return;
      this.#print('[  OK  ] Reached target System Reboot.\r\nreboot: Restarting system');
    }
  }

  async #boot(power: AbortSignal): Promise<'reboot' | 'power-off' | 'no-system'> {
    await using cleanup = new CleanupStack();
    const { slot, boardType, installerScript } = this.options;
    if (installerScript !== undefined && (await this.#installsItself(installerScript, power)))
      return 'power-off';
    let disk: FlashedDisk;
    try {
      disk = cleanup.use('eMMC', await FlashedDisk.open(this.options.emmcPath));
    } catch (error) {
      this.#print(`[virtual board] node ${slot} (${boardType}): simulated boot, no kernel runs`);
      this.#print(
        `U-Boot 2024.01-simulated\r\n## No bootable system on the eMMC: ${error instanceof Error ? error.message : String(error)}`,
      );
      return 'no-system';
    }
    const isCut = (): boolean => power.aborted;
    const down = new AbortController();
    const queue = new WorkQueue();
    cleanup.defer('work on the eMMC', () => queue.idle());
    const onPowerCut = (): void => down.abort(power.reason);
    power.addEventListener('abort', onPowerCut, { once: true });
    cleanup.defer('power', () => power.removeEventListener('abort', onPowerCut));
    if (isCut()) return 'power-off';

    let how: 'reboot' | 'power-off' = 'power-off';
    const rootLabel = disk.root.fileSystem.label;
    for (const line of bootLoaderLog({
      slot,
      boardType,
      rootLabel,
      partitions: disk.bootPartitions.length + 1,
    }))
      this.#print(line);
    const system = await bootSystem({
      boardType,
      moduleSerial: this.options.moduleSerial,
      disk,
      queue,
      signal: down.signal,
      print: (text) => this.options.onConsole(text),
      goDown: (wanted) => {
        how = wanted;
        down.abort(new Error(`the node goes down: ${wanted}`));
      },
    });
    this.#addresses = system.running.addresses;
    this.#processes = system.running.processes;
    this.#typed = (line) => system.console.type(line);
    await sleep(this.options.bootDelayMs ?? 300, undefined, { signal: down.signal }).catch(() => undefined);
    if (!down.signal.aborted) await system.goUp(this.port);
    await new Promise<void>((resolve) => {
      if (down.signal.aborted) resolve();
      else down.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    // An orderly end writes everything; a power cut does not.
    await queue.idle();
    if (!isCut()) await disk.commit();
    return how;
  }

  /** Runs the installer that was flashed. @returns Whether there was one. */
  async #installsItself(script: string, power: AbortSignal): Promise<boolean> {
    const { emmcPath, emmcSizeBytes, onConsole } = this.options;
    const installer = await findInstaller(emmcPath);
    if (installer === undefined) return false;
    this.#print('turingpi-installer: started');
    if (installer.script !== script) {
      this.#print('[virtual board] the script of this installer is not one that the board was given');
      return true;
    }
    const size = emmcSizeBytes ?? (await stat(emmcPath)).size;
    await runInstaller(installer, { emmcPath, emmcSizeBytes: size, onConsole, power });
    return true;
  }

  #print(line: string): void {
    this.options.onConsole(`${line}\r\n`);
  }
}

/** Makes a node of boot depth `shell` and reserves its SSH port. */
export function createShellMachine(options: ShellMachineOptions): Promise<ShellMachine> {
  return ShellMachine.create(options);
}
