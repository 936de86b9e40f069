import type { NodeId } from '@turingpi/foundation';
import { type Actor, currentActor } from './actor.js';

/** The four modes a node's USB can be told to have; `Flash` holds its USB-boot pin. */
export type UsbMode = 'Host' | 'Device' | 'Flash';
/** Where the shared USB goes: to the BMC, or to the USB-A or OTG port. */
export type UsbRoute = 'Bmc' | 'AlternativePort';

/** One change of a pin, with who made it and whose transfer was alive then. */
export interface PinChange extends Actor {
  readonly line: string;
  /** Account whose transfer had the slot at that moment. */
  readonly living: string | undefined;
}

/** Everything the board did to power, USB route and boot pins, in order. */
export class PinLog {
  readonly #changes: PinChange[] = [];

  /** @param living - whose transfer has the slot now */
  constructor(private readonly living: () => string | undefined = () => undefined) {}

  get lines(): readonly string[] {
    return this.#changes.map(({ line }) => line);
  }

  get changes(): readonly PinChange[] {
    return this.#changes;
  }

  power(node: NodeId, on: boolean): void {
    this.#add(`power node${node} ${on ? 1 : 0}`);
  }

  usbRoute(route: UsbRoute): void {
    this.#add(`usb_route ${route}`);
  }

  usbSelect(node: NodeId, mode: UsbMode): void {
    this.#add(`usb_select Node ${node} ${mode}`);
  }

  usbBoot(node: NodeId, high: boolean): void {
    this.#add(`usb_boot node${node} ${high ? 1 : 0}`);
  }

  clear(): void {
    this.#changes.length = 0;
  }

  #add(line: string): void {
    this.#changes.push({ line, ...currentActor(), living: this.living() });
  }
}
