export { type BlockDevice, describeDevice } from './block-device.js';
export { appeared, chooseDevice } from './choose-device.js';
export { UsbHostError } from './usb-host-error.js';
export { LocalUsbHost, type UsbHost, type UsbHostPrograms } from './usb-host.js';
export { writeDevice } from './write-device.js';
