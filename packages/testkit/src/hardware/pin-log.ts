import type { NodeId } from '@turingpi/core/plugin';

/** The four modes a node's USB can be told to have; `Flash` holds its USB-boot pin. */
export type UsbMode = 'Host' | 'Device' | 'Flash';
/** Where the shared USB goes: to the BMC, or to the USB-A or OTG port. */
export type UsbRoute = 'Bmc' | 'AlternativePort';

/** Everything the board did to power, USB route and boot pins, in order. */
export class PinLog {
  readonly #lines: string[] = [];

  get lines(): readonly string[] {
    return this.#lines;
  }

  power(node: NodeId, on: boolean): void {
    this.#lines.push(`power node${node} ${on ? 1 : 0}`);
  }

  usbRoute(route: UsbRoute): void {
    this.#lines.push(`usb_route ${route}`);
  }

  usbSelect(node: NodeId, mode: UsbMode): void {
    this.#lines.push(`usb_select Node ${node} ${mode}`);
  }

  usbBoot(node: NodeId, high: boolean): void {
    this.#lines.push(`usb_boot node${node} ${high ? 1 : 0}`);
  }

  clear(): void {
    this.#lines.length = 0;
  }
}
