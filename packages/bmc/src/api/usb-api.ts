import type { NodeId } from '@turingpi/foundation';
import { z } from 'zod';
import { BmcError } from '../errors/bmc-error.js';
import type { BmcSession } from '../session/bmc-session.js';
import type { CallOptions } from '../session/call-options.js';
import { getCall, okSchema, setCall, wireNode } from './bmc-call.js';
import { resultOf } from './reply.js';

/** The role of a node on its USB port, seen from the node; `flash` holds its USB-boot pin. */
export type UsbMode = 'host' | 'device' | 'flash';

/** Where the node's USB leads: the BMC, or the board's USB-A / OTG port. */
export type UsbRoute = 'bmc' | 'port';

/** The stored USB setting. */
export interface UsbState {
  readonly node: NodeId;
  readonly mode: UsbMode;
  readonly route: UsbRoute;
  /** v2.5 and newer boards have a hub that all nodes share; undefined on firmware before 2.3, which does not say. */
  readonly bus: 'hub' | 'single' | undefined;
}

const MODE_NUMBER: Readonly<Record<UsbMode, number>> = { host: 0, device: 1, flash: 2 };
const ROUTE_TO_BMC = 4;

const usbSchema = z
  .array(
    z.object({
      node: z
        .string()
        .regex(/^Node ?[1-4]$/)
        .transform((text) => Number(text.at(-1)) as NodeId),
      mode: z.enum(['Host', 'Device', 'Flash']),
      route: z.string(),
      bus_type: z.string().optional(),
    }),
  )
  .min(1);

/** USB routing and boot pins (docs/reference/bmc-protocol.md, "USB"). */
export class UsbApi {
  constructor(private readonly session: BmcSession) {}

  async get(options: CallOptions = {}): Promise<UsbState> {
    const reply = await this.session.call(getCall('usb', {}, options));
    const [setting] = resultOf(reply, usbSchema, 'USB setting');
    if (!setting) throw new BmcError('BMC_PROTOCOL', 'USB setting: the BMC answered without one');
    const { node, mode, route, bus_type } = setting;
    const bus = bus_type === undefined ? undefined : /hub/i.test(bus_type) ? 'hub' : 'single';
    return { node, mode: mode.toLowerCase() as UsbMode, route: route === 'Bmc' ? 'bmc' : 'port', bus };
  }

  /**
   * Stores a USB setting. `flash` survives restarts of the BMC and keeps the node from booting until it is changed.
   *
   * @throws BmcError BMC_USB_HOST_UNSUPPORTED for `host` on boards with a hub
   */
  async set(
    setting: { readonly node: NodeId; readonly mode: UsbMode; readonly route: UsbRoute },
    options: CallOptions = {},
  ): Promise<void> {
    // Only these six numbers are ever sent: 3 and 7 crash the request on the daemon.
    const mode = MODE_NUMBER[setting.mode] + (setting.route === 'bmc' ? ROUTE_TO_BMC : 0);
    const call = setCall('usb', { node: wireNode(setting.node), mode }, { ...options, idempotent: true });
    const reply = await this.session.call(call);
    try {
      resultOf(reply, okSchema, `USB mode of node ${setting.node}`);
    } catch (refusal) {
      // The route was switched before the mode was refused: what is stored, sent once more, leads it back.
      if (BmcError.hasCode(refusal, 'BMC_USB_HOST_UNSUPPORTED')) {
        const stored = await this.get(options);
        if (stored.mode !== 'host') await this.set(stored, options);
      }
      throw refusal;
    }
  }

  /** Whether node 1's USB leads to the USB-A port, so that the BMC cannot flash it. Only boards from v2.5 on. */
  async node1UsesPort(options: CallOptions = {}): Promise<boolean> {
    return resultOf(await this.session.call(getCall('usb_node1', {}, options)), z.boolean(), 'USB of node 1');
  }

  async setNode1UsesPort(usesPort: boolean, options: CallOptions = {}): Promise<void> {
    // Presence decides, whatever the value.
    const call = setCall('usb_node1', usesPort ? { alternative_port: true } : {}, {
      ...options,
      idempotent: true,
    });
    resultOf(await this.session.call(call), okSchema, 'USB of node 1');
  }

  /** Raises a node's USB-boot pin; it takes effect when the node is next switched on. */
  async raiseBootPin(node: NodeId, options: CallOptions = {}): Promise<void> {
    const call = setCall('usb_boot', { node: wireNode(node) }, { ...options, idempotent: true });
    resultOf(await this.session.call(call), okSchema, `USB-boot pin of node ${node}`);
  }

  /** Lowers the USB-boot pins of all nodes. */
  async clearBootPins(options: CallOptions = {}): Promise<void> {
    const call = setCall('clear_usb_boot', {}, { ...options, idempotent: true });
    resultOf(await this.session.call(call), okSchema, 'USB-boot pins');
  }

  /** Restarts a node into USB boot and offers its storage on the BMC and its OTG port; takes up to 15 s. */
  async exposeStorage(node: NodeId, options: CallOptions = {}): Promise<void> {
    const call = setCall('node_to_msd', { node: wireNode(node) }, { ...options, idempotent: false });
    resultOf(await this.session.call(call), okSchema, `storage of node ${node}`);
  }
}
