import { constants, open, readFile, realpath, stat } from 'node:fs/promises';
import { UsbDriveError } from './usb-drive-error.js';

/**
 * Opens a drive for writing and reading; a file that is not there is made, empty. Nothing is written yet.
 *
 * @throws UsbDriveError `USB_DRIVE_MOUNTED`, `USB_DRIVE_IN_USE`, `USB_DRIVE_UNUSABLE`
 */
export async function openDrive(drive) {
  try {
    const real = await realpath(drive).catch(() => drive);
    const mounts = await readFile('/proc/self/mounts', 'utf8').catch(() => ''); // of Linux
    if (mounts.split('\n').some((line) => real.startsWith('/dev/') && line.startsWith(real)))
      throw new UsbDriveError('USB_DRIVE_MOUNTED', `${drive} is in use: this computer has mounted it`, {
        hint: 'Make sure that it is the right drive, and unmount it.',
      });
    return await openAlone(real).catch((error) => {
      if (error.code !== 'ENOENT' || real.startsWith('/dev/')) throw error;
      return open(real, 'wx+', 0o600);
    });
  } catch (cause) {
    if (cause instanceof UsbDriveError) throw cause;
    if (cause.code === 'EBUSY')
      throw new UsbDriveError('USB_DRIVE_IN_USE', `${drive} is in use by this computer`, {
        cause,
        hint: 'Make sure that it is the right drive, and end what uses it: LVM, RAID, encryption, swap, ZFS.',
      });
    throw new UsbDriveError('USB_DRIVE_UNUSABLE', `${drive} cannot be written: ${cause.message}`, {
      cause,
      hint: 'Plug it in, look whether the path is right, and whether you may write there.',
    });
  }
}

/** Linux gives nobody for himself alone what it uses in any way: a block device that is opened so is free (open(2)). */
async function openAlone(real) {
  const isDevice = (await stat(real)).isBlockDevice();
  return await open(real, isDevice ? constants.O_RDWR | constants.O_EXCL : 'r+');
}
