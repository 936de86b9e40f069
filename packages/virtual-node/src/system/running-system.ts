import { randomUUID } from 'node:crypto';
import type { ImageFiles } from '@turingpi/image';
import type { FlashedDisk } from '../disk/flashed-disk.js';
import type { CloudInitOutcome } from '../first-boot/cloud-init.js';
import { Accounts } from './accounts.js';
import type { ConfiguredAddress } from './configured-addresses.js';
import type { Identity } from './identity.js';
import { NodeFiles, type NodeFilesHost } from './node-files.js';
import type { NodeSystem } from './node-system.js';
import type { WorkQueue } from './work-queue.js';

/** What a boot has found out and set up. */
export interface BootedState {
  readonly boardType: string;
  readonly moduleSerial?: string | undefined;
  readonly disk: FlashedDisk;
  readonly queue: WorkQueue;
  readonly signal: AbortSignal;
  readonly cloudInit: CloudInitOutcome;
  readonly addresses: readonly ConfiguredAddress[];
  readonly activeUnits: Set<string>;
  readonly log: (line: string) => void;
  readonly goDown: (how: 'reboot' | 'power-off') => void;
}

/** The system of a simulated node from the end of its boot until it goes down. */
export class RunningSystem implements NodeSystem, NodeFilesHost {
  readonly bootId = randomUUID();
  readonly bootedAt = new Date();
  readonly boardType: string;
  readonly accounts: Accounts;
  readonly cloudInit: CloudInitOutcome;
  readonly addresses: readonly ConfiguredAddress[];
  readonly activeUnits: Set<string>;
  readonly processes = new Set<readonly string[]>();
  readonly signal: AbortSignal;
  readonly root: ImageFiles;
  readonly #booted: BootedState;
  #hostname: string | undefined;
  #dirty = false;

  constructor(booted: BootedState) {
    this.#booted = booted;
    this.root = booted.disk.root;
    this.accounts = new Accounts(booted.disk.root);
    this.boardType = booted.boardType;
    this.cloudInit = booted.cloudInit;
    this.addresses = booted.addresses;
    this.activeUnits = booted.activeUnits;
    this.signal = booted.signal;
  }

  async hostname(): Promise<string> {
    this.#hostname ??=
      ((await this.privileged((root) => root.readText('/etc/hostname'))) ?? '').trim() || 'localhost';
    return this.#hostname;
  }

  setRunningHostname(name: string): void {
    this.#hostname = name;
  }

  files(identity: Identity): NodeFiles {
    return new NodeFiles(this, identity);
  }

  privileged<T>(operation: (root: ImageFiles) => Promise<T>): Promise<T> {
    return this.exclusively(() => operation(this.root));
  }

  exclusively<T>(operation: () => Promise<T>): Promise<T> {
    return this.#booted.queue.run(() => {
      this.signal.throwIfAborted();
      return operation();
    });
  }

  changed(): void {
    this.#dirty = true;
  }

  /** Takes what was changed so far for the boot's doing, which is not worth writing by itself. */
  bootEnded(): void {
    this.#dirty = false;
  }

  kernelFile(path: string): string | undefined {
    switch (path) {
      case '/proc/sys/kernel/random/boot_id':
        return `${this.bootId}\n`;
      case '/proc/uptime': {
        const seconds = ((Date.now() - this.bootedAt.getTime()) / 1000).toFixed(2);
        return `${seconds} ${seconds}\n`;
      }
      case '/sys/firmware/devicetree/base/model':
      case '/proc/device-tree/model':
        return `Simulated ${this.boardType}\0`;
      case '/sys/firmware/devicetree/base/serial-number':
      case '/proc/device-tree/serial-number':
        return this.#booted.moduleSerial === undefined ? undefined : `${this.#booted.moduleSerial}\0`;
      default:
        return undefined;
    }
  }

  /** Called when a user's command or transfer has ended, so that what it wrote outlives a power cut. */
  async sync(): Promise<void> {
    if (!this.#dirty) return;
    await this.exclusively(async () => {
      this.#dirty = false;
      await this.#booted.disk.commit();
    });
  }

  log(line: string): void {
    this.#booted.log(line);
  }

  reboot(): void {
    this.#booted.goDown('reboot');
  }

  powerOff(): void {
    this.#booted.goDown('power-off');
  }
}
