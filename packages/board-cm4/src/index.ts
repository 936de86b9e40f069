import { definePlugin, type Plugin } from '@turingpi/core/plugin';
import provisioningPlugin from '@turingpi/provisioning';
import { Cm4Driver } from './cm4-driver.js';
import { LocalUsbHost, USB_HOST } from './rpiboot/usb-host.js';

export { Cm4Driver } from './cm4-driver.js';
export { Cm4Error } from './cm4-error.js';
export type { BlockDevice } from './rpiboot/block-device.js';
export {
  DEFAULT_RPIBOOT_TIMINGS,
  installOverUsb,
  type RpibootParts,
  type RpibootTimings,
} from './rpiboot/rpiboot-installation.js';
export { LocalUsbHost, USB_HOST, type UsbHost, type UsbHostPrograms } from './rpiboot/usb-host.js';

const plugin: Plugin = definePlugin({
  name: '@turingpi/board-cm4',
  boards: [Cm4Driver],
  services: [{ token: USB_HOST, useClass: LocalUsbHost }],
  requires: [provisioningPlugin],
});
export default plugin;
