import type { NodeId } from '@turingpi/foundation';
import type { NodeMachine } from '@turingpi/virtual-node';
import type { EmmcFile } from './emmc-file.js';
import type { BoardJudge } from '../judge/board-judge.js';
import type { PinLog } from './pin-log.js';
import { UartRing } from './uart-ring.js';

/** What a slot is fitted with. */
export interface SlotModule {
  readonly board: string;
  readonly emmc: EmmcFile;
  readonly machine: NodeMachine;
}

let appearances = 0;

/**
 * One slot: its supply, its USB-boot pin, and the module in it.
 *
 * @remarks Pins change at once and are logged; the machine follows in its own time, one operation after another.
 */
export class NodeSlot {
  readonly uart = new UartRing();
  #powered = false;
  #bootPin = false;
  #usbBoot = false;
  #poweredAt = 0;
  #exposed = false;
  #machineWork: Promise<void> = Promise.resolve();

  constructor(
    readonly id: NodeId,
    readonly module: SlotModule | undefined,
    private readonly pins: PinLog,
    readonly judge: BoardJudge,
  ) {}

  /** Whether the supply is on, which the stored setting need not say. */
  get powered(): boolean {
    return this.#powered;
  }

  /** Whether the USB-boot pin was high when the supply came on. */
  get inUsbBoot(): boolean {
    return this.#powered && this.#usbBoot;
  }

  /** When the supply came on, as a number that grows over all slots: a hub numbers its devices as they appear. */
  get poweredAt(): number {
    return this.#poweredAt;
  }

  /** Whether the module's loader runs already, so that its storage is a disk of the BMC. */
  get exposed(): boolean {
    return this.#powered && this.#exposed;
  }

  expose(): void {
    this.#exposed = true;
  }

  setPower(on: boolean): void {
    this.pins.power(this.id, on);
    if (on === this.#powered) return;
    if (!on) this.judge.powerCut(this.id);
    this.#powered = on;
    this.#usbBoot = on && this.#bootPin;
    this.#exposed = false;
    if (on) this.#poweredAt = ++appearances;
    const machine = this.module?.machine;
    if (!machine) return;
    if (!on) this.#enqueue(() => machine.powerOff());
    else if (!this.#usbBoot) this.#enqueue(() => machine.powerOn());
  }

  setBootPin(high: boolean): void {
    this.pins.usbBoot(this.id, high);
    this.#bootPin = high;
  }

  /** Types on the serial console; nothing happens on a slot that is off. */
  sendConsole(data: string): void {
    if (this.#powered && !this.#usbBoot) this.module?.machine.sendConsole(data);
  }

  /** Resolves when the machine has done everything the pins asked of it so far. */
  async settled(): Promise<void> {
    await this.#machineWork;
  }

  #enqueue(operation: () => Promise<void>): void {
    this.#machineWork = this.#machineWork.then(operation).catch((cause: unknown) => {
      const reason = cause instanceof Error ? cause.message : String(cause);
      this.uart.append(Buffer.from(`[virtual board] machine of node ${this.id} failed: ${reason}\r\n`));
    });
  }
}

/** A slot with a module in it. */
export type FittedSlot = NodeSlot & { readonly module: SlotModule };
