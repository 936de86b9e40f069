import type { Query } from '../http/query.js';
import { envelope, type Outcome } from '../http/reply.js';
import { RequestError } from '../http/request-error.js';
import type { ApiContext, ApiType } from './api-context.js';
import { network, reboot, reload } from './control.js';
import { cooling } from './cooling.js';
import { about, info, oldNodeInfo, other, sdcard } from './information.js';
import { nodeInfo } from './node-info.js';
import { power, reset } from './power.js';
import { firmwareSlots } from '../fork/staged-firmware.js';
import { sdCardFiles } from '../fork/sd-card-files.js';
import { uart } from './uart.js';
import { clearUsbBoot, nodeToMsd, usb, usbBoot, usbNode1 } from './usb.js';

const TYPES: ReadonlyMap<string, ApiType> = new Map(
  Object.entries({
    power,
    reset,
    usb,
    usb_node1: usbNode1,
    usb_boot: usbBoot,
    clear_usb_boot: clearUsbBoot,
    node_to_msd: nodeToMsd,
    about,
    other,
    info,
    sdcard,
    nodeinfo: oldNodeInfo,
    node_info: nodeInfo,
    cooling,
    uart,
    network,
    reboot,
    reload,
    firmware_slots: firmwareSlots,
    sdcard_files: sdCardFiles,
  }),
);

/**
 * The general entry: `opt` and `type` choose, errors come in the envelope with their status
 * (docs/reference/bmc-protocol.md, "Choosing a route").
 */
export async function answerType(context: ApiContext, query: Query): Promise<Outcome> {
  try {
    const opt = query.get('opt');
    if (opt !== 'get' && opt !== 'set') throw new RequestError(400, 'Missing `opt` parameter');
    const name = query.get('type');
    if (name === undefined) throw new RequestError(400, 'Missing `type` parameter');
    const type = TYPES.get(name);
    const hidden =
      (type?.since23 === true && !context.profile.transfers23) || type?.on?.(context.profile) === false;
    const handler = hidden ? undefined : type?.[opt];
    if (!handler) throw new RequestError(400, `Invalid \`type\` parameter ${name}`);
    return await handler(context, query);
  } catch (cause) {
    if (cause instanceof RequestError) return envelope(cause.message, cause.status);
    throw cause;
  }
}
