import { UsbHostError } from './usb-host-error.js';
import { type BlockDevice, describeDevice } from './block-device.js';

/** Broadcom, under which every boot stage of a CM4 answers. */
const BROADCOM = '0a5c:';

/** Whether a disk calls itself a Compute Module in USB boot. */
function isModuleStorage({ usbId, vendor }: BlockDevice): boolean {
  return usbId?.startsWith(BROADCOM) ?? vendor.startsWith('RPi-MSD-');
}

/** The disks that were not there before, by path, size and serial number. */
export function appeared(
  before: readonly BlockDevice[],
  now: readonly BlockDevice[],
): readonly BlockDevice[] {
  const known = new Set(before.map(identity));
  return now.filter((device) => !known.has(identity(device)));
}

/**
 * Chooses the storage of the module that has just started in USB boot, or refuses; it never guesses.
 *
 * @remarks
 * It must have appeared since the module was switched on and call itself a Compute Module's. The newer USB gadget shows
 * eMMC, NVMe and others at once: then only a single one named after the eMMC counts (inferred:
 * docs/reference/images.md, "USB boot of a CM4").
 *
 * @throws UsbHostError CM4_DEVICE_NOT_FOUND, CM4_DEVICE_AMBIGUOUS, CM4_DEVICE_IN_USE, CM4_DEVICE_TOO_SMALL
 */
export function chooseDevice(
  before: readonly BlockDevice[],
  now: readonly BlockDevice[],
  neededBytes: number,
): BlockDevice {
  const fresh = appeared(before, now);
  const candidates = fresh.filter(isModuleStorage);
  const named = candidates.filter(({ model }) => /\bmmcblk0\b/.test(model));
  const [device, ...others] = candidates.length > 1 && named.length > 0 ? named : candidates;
  if (!device) {
    const seen =
      fresh.length === 0 ? 'no disk appeared' : `only ${fresh.map(describeDevice).join(', ')} appeared`;
    throw new UsbHostError('CM4_DEVICE_NOT_FOUND', `the storage of the module did not appear: ${seen}`, {
      hint: 'Check the cable between this computer and the board, and that the module has eMMC (a CM4 Lite has none).',
    });
  }
  if (others.length > 0) {
    throw new UsbHostError(
      'CM4_DEVICE_AMBIGUOUS',
      `several disks could be the module: ${[device, ...others].map(describeDevice).join(', ')}`,
      { hint: 'Unplug other modules and disks, and switch other nodes off. Nothing was written.' },
    );
  }
  refuseInUse(device);
  if (device.sizeBytes < neededBytes) {
    throw new UsbHostError(
      'CM4_DEVICE_TOO_SMALL',
      `the image needs ${neededBytes} bytes, ${describeDevice(device)} has ${device.sizeBytes}`,
      { hint: 'Use a smaller image. Nothing was written.' },
    );
  }
  return device;
}

function refuseInUse(device: BlockDevice): void {
  if (device.usedAt.length === 0) return;
  throw new UsbHostError(
    'CM4_DEVICE_IN_USE',
    `${describeDevice(device)} is in use: ${device.usedAt.join(', ')}`,
    {
      hint: 'Unmount it, and keep the desktop from mounting it again. Nothing was written.',
    },
  );
}

function identity({ path, sizeBytes, serial, usbId }: BlockDevice): string {
  return JSON.stringify([path, sizeBytes, serial, usbId]);
}
