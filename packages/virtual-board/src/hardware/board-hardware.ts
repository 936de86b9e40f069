import { NODE_IDS, type NodeId } from '@turingpi/foundation';
import type { BoardClock } from '../board/board-clock.js';
import type { FaultPanel } from '../board/board-faults.js';
import type { NodeSlot } from './node-slot.js';
import type { PinLog, UsbMode, UsbRoute } from './pin-log.js';
import type { BoardSettings } from './stored-settings.js';

/** Board revisions: v2.4 selects one node's USB with a switch, v2.5 has all nodes on one hub. */
export type BoardRevision = 'v2.4' | 'v2.5';

/** A USB setting the hardware cannot take. */
export class UsbModeError extends Error {}

const POWER_STEP_MS = 100;
const RESET_OFF_MS = 1000;

/** Power, USB and boot pins of a board, and the settings that say what they should be. */
export class BoardHardware {
  #onSince: (number | undefined)[] = [undefined, undefined, undefined, undefined];
  #routed: UsbRoute = 'AlternativePort';
  #selected: NodeId = 1;

  constructor(
    readonly slots: readonly NodeSlot[],
    readonly settings: BoardSettings,
    readonly revision: BoardRevision,
    readonly faults: FaultPanel,
    readonly clock: BoardClock,
    private readonly pins: PinLog,
    private readonly onChange: () => void,
    /** How long a module takes to show its eMMC on USB; undefined: what its board type takes. */
    readonly bringUpMs?: number,
  ) {}

  slot(id: NodeId): NodeSlot {
    const slot = this.slots[id - 1];
    if (!slot) throw new RangeError(`no slot ${String(id)}`);
    return slot;
  }

  /** The daemon's start: USB setting first, then every node's power as stored. */
  applySettings(): void {
    this.restoreUsb();
    for (const id of NODE_IDS) this.slot(id).setPower(this.settings.power[id - 1] ?? false);
  }

  /** Supply off everywhere without touching the settings, as when the BMC restarts. */
  cutPower(): void {
    for (const slot of this.slots) if (slot.powered) slot.setPower(false);
  }

  /** Stores and sets a node's power: the pin moves 100 ms later. */
  async setPower(id: NodeId, on: boolean, signal?: AbortSignal): Promise<void> {
    this.settings.power[id - 1] = on;
    // Node 1 keeps its start time over a repeated "on", the others do not
    // (docs/reference/bmc-protocol.md, "Information").
    const keeps = id === 1 && this.#onSince[0] !== undefined;
    if (!on) this.#onSince[id - 1] = undefined;
    else if (!keeps) this.#onSince[id - 1] = performance.now();
    this.onChange();
    await this.clock.work(POWER_STEP_MS, signal);
    this.slot(id).setPower(on);
  }

  /** Off, one second, on; the stored state does not hear of it. */
  async reset(id: NodeId): Promise<void> {
    await this.clock.work(POWER_STEP_MS);
    this.slot(id).setPower(false);
    await this.clock.work(RESET_OFF_MS + POWER_STEP_MS);
    this.slot(id).setPower(true);
  }

  /** Whole seconds since a node was switched on; undefined when it is off. */
  secondsOn(id: NodeId): number | undefined {
    const since = this.#onSince[id - 1];
    return since === undefined ? undefined : Math.floor((performance.now() - since) / 1000);
  }

  /** Sets pins for a USB mode without storing it. @throws UsbModeError for Host on v2.5, after the route was switched. */
  driveUsb(node: NodeId, mode: UsbMode, route: UsbRoute): void {
    this.pins.usbRoute(route);
    this.#routed = route;
    if (mode === 'Host' && this.revision === 'v2.5') {
      throw new UsbModeError(
        'Selecting one of the nodes as USB Host role is not supported by the current hardware',
      );
    }
    this.pins.usbSelect(node, mode);
    this.#selected = node;
    if (mode === 'Flash') this.slot(node).setBootPin(true);
    else this.clearBootPins();
  }

  /** Sets and stores a USB mode. */
  setUsb(node: NodeId, mode: UsbMode, route: UsbRoute): void {
    this.driveUsb(node, mode, route);
    this.settings.usb = { node, mode, route };
    this.onChange();
  }

  /** Sets the pins to the stored USB setting. */
  restoreUsb(): void {
    const { node, mode, route } = this.settings.usb;
    this.driveUsb(node, mode, route);
  }

  clearBootPins(): void {
    for (const slot of this.slots) slot.setBootPin(false);
  }

  setNode1AlternativePort(on: boolean): void {
    this.settings.node1AlternativePort = on;
    this.onChange();
  }

  settingsChanged(): void {
    this.onChange();
  }

  /**
   * Modules the BMC's USB host can see now in USB-boot mode: the chosen slot on v2.4, all of them on v2.5
   * (docs/reference/bmc-protocol.md, "Modules in USB boot"), in the order in which they appeared, whatever their slots.
   */
  async bootableModules(): Promise<NodeSlot[]> {
    if (this.#routed !== 'Bmc') return [];
    const seen: NodeSlot[] = [];
    for (const slot of this.slots) {
      if (!slot.powered || !slot.module) continue;
      if (this.revision === 'v2.4' && slot.id !== this.#selected) continue;
      if (slot.id === 1 && this.settings.node1AlternativePort) continue;
      await slot.settled();
      if (slot.inUsbBoot || (await slot.module.emmc.isBlank())) seen.push(slot);
    }
    return seen.sort((a, b) => a.poweredAt - b.poweredAt);
  }
}
