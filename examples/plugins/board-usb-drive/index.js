import { CLUSTER_CONFIG, definePlugin } from '@turingpi/core/plugin';
import provisioning from '@turingpi/provisioning';
import { UsbDriveBoard } from './usb-drive-board.js';

export { UsbDriveBoard } from './usb-drive-board.js';

/** The plugin with the drives of nodes: `{ drives: { 1: '/dev/sdx' } }`. Default: `USB_DRIVE_1` … in the environment. */
export function usbDrive({ drives = {} } = {}) {
  class ConfiguredUsbDriveBoard extends UsbDriveBoard {
    static inject = [CLUSTER_CONFIG];

    constructor({ baseDir }) {
      super({ drives, baseDir });
    }
  }
  return definePlugin({
    name: 'turingpi-board-usb-drive',
    version: '0.1.0',
    requires: [provisioning],
    boards: [ConfiguredUsbDriveBoard],
  });
}

export default usbDrive();
