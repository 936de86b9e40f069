import path from 'node:path';
import { assertPermit } from '@turingpi/foundation';
import { openDrive } from './open-drive.js';
import { UsbDriveError } from './usb-drive-error.js';
import { writeDrive } from './write-drive.js';

/** Drives in this computer instead of modules on a board: somebody plugs them in where they are used. */
export class UsbDriveBoard {
  id = 'usb-drive';
  title = 'USB drive';
  strategies = [
    {
      id: 'write',
      summary: 'Writes the image to a drive in this computer, or to a file, and reads it back.',
      disk: 'usb',
      install: (request) => this.#install(request),
    },
  ];

  /** @param options - `drives`: paths by number of the node; `baseDir`: where relative ones start */
  constructor({ drives = {}, baseDir = '.' } = {}) {
    this.drives = drives;
    this.baseDir = baseDir;
  }

  /** @throws UsbDriveError `USB_DRIVE_UNKNOWN` */
  driveOf({ id }) {
    const drive = this.drives[id] ?? process.env[`USB_DRIVE_${id}`];
    if (drive === undefined || drive === '')
      throw new UsbDriveError('USB_DRIVE_UNKNOWN', `nobody has said which drive is node ${id}`, {
        hint: `Set USB_DRIVE_${id} to the path of the drive or file, or give it to the plugin as \`drives\`.`,
      });
    return path.resolve(this.baseDir, drive);
  }

  async #install({ node, image, signal, progress, permit, dryRun = false }) {
    const drive = this.driveOf(node);
    if (dryRun) {
      progress({ activity: 'dry run', note: `would write ${image.record.path} to ${drive}` });
      return;
    }
    const atHand = { node: node.id, disk: 'usb' };
    assertPermit(permit, atHand);
    const opened = await image.open('raw', signal);
    opened.stream.on('error', () => undefined); // told by whoever reads it, once somebody does
    let handle;
    try {
      handle = await openDrive(drive);
      await permit.begin(atHand);
      await writeDrive({ drive, handle, ...opened }, { signal, progress });
    } finally {
      opened.stream.destroy();
      await handle?.close();
    }
  }

  async powerOn({ progress }) {
    progress({ activity: 'power', note: 'a drive has no power of its own: plug it in where it is used' });
  }

  async powerOff({ progress }) {
    progress({ activity: 'power', note: 'a drive has no power of its own: nothing was switched off' });
  }

  // It has no serial console: what follows it sees the end at once.
  async *followConsole() {}

  async sendConsoleLine({ node }) {
    throw new UsbDriveError('USB_DRIVE_NO_CONSOLE', `node ${node.id} is a drive, which has no console`, {
      hint: 'Look at the computer that it is plugged into.',
    });
  }
}
