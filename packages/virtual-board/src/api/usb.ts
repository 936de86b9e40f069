import { UsbModeError } from '../hardware/board-hardware.js';
import { BringUpError } from '../hardware/bring-up-error.js';
import type { UsbMode } from '../hardware/pin-log.js';
import { enterUsbBoot, exposeEmmc } from '../hardware/usb-bring-up.js';
import { parseI32 } from '../http/query.js';
import { envelope, NO_REPLY, ok } from '../http/reply.js';
import { internalError, RequestError } from '../http/request-error.js';
import type { ApiType } from './api-context.js';

const MODES: readonly (UsbMode | undefined)[] = ['Host', 'Device', 'Flash', undefined];
const ROUTE_BIT = 0b100;

/** `type=usb`: mode in the low two bits, route in the third (docs/reference/bmc-protocol.md, "USB"). */
export const usb: ApiType = {
  get: ({ hardware, profile }) => {
    const { node, mode, route } = hardware.settings.usb;
    const common = { mode, node: `Node ${node}` };
    if (!profile.transfers23) return envelope([{ ...common, route: route === 'Bmc' ? 'Bmc' : 'UsbA' }]);
    return envelope([
      { bus_type: hardware.revision === 'v2.5' ? 'Usb hub' : 'Single bus', ...common, route },
    ]);
  },
  set: ({ hardware }, query) => {
    const node = query.node();
    const text = query.get('mode');
    if (text === undefined) throw new RequestError(400, 'Missing `mode` parameter');
    const value = parseI32(text);
    if (value === undefined) throw new RequestError(400, 'Parameter `mode` is not a number');
    const mode = MODES[value & 0b11];
    if (mode === undefined) return NO_REPLY; // the daemon's task panics
    try {
      hardware.setUsb(node, mode, value & ROUTE_BIT ? 'Bmc' : 'AlternativePort');
    } catch (cause) {
      if (!(cause instanceof UsbModeError)) throw cause;
      throw new RequestError(500, `Failed to set USB mode: ${cause.message}`);
    }
    return ok();
  },
};

/** `type=usb_node1`: where node 1's own USB goes on v2.5. */
export const usbNode1: ApiType = {
  since23: true,
  get: ({ hardware }) => envelope(hardware.settings.node1AlternativePort),
  set: ({ hardware }, query) => {
    if (hardware.revision !== 'v2.5') throw internalError('This command is only available on v2.5+ boards');
    hardware.setNode1AlternativePort(query.has('alternative_port'));
    return ok();
  },
};

/** `type=usb_boot`. */
export const usbBoot: ApiType = {
  set: ({ hardware }, query) => {
    hardware.slot(query.node()).setBootPin(true);
    return ok();
  },
};

/** `type=clear_usb_boot`: for all nodes, whatever is named. */
export const clearUsbBoot: ApiType = {
  set: ({ hardware }) => {
    hardware.clearBootPins();
    return ok();
  },
};

/** `type=node_to_msd`: brings the node up as for flashing and leaves it so. */
export const nodeToMsd: ApiType = {
  set: async ({ hardware, profile }, query) => {
    const never = new AbortController().signal;
    const node = query.node();
    try {
      await enterUsbBoot(hardware, node, never);
      await exposeEmmc(hardware, node, profile.fork?.hubPort);
    } catch (cause) {
      if (!(cause instanceof BringUpError)) throw cause;
      throw internalError(cause.message, cause.cause instanceof Error ? cause.cause.message : undefined);
    }
    return ok();
  },
};
