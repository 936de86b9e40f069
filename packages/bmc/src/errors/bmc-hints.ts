import type { BmcErrorCode } from './bmc-error-code.js';

const RESEAT =
  'Check that a supported module (RK1, CM4 with eMMC) is seated in that slot; when it is, switch the whole board off and on once and try again.';
const IMAGE_DAMAGED =
  'The transferred file is not a whole xz file. Check the image with `xz -t` and make it again.';
const REPORT =
  'Is this the address of a Turing Pi board? If so, please report this with its firmware version.';

/** What to do about an error of each code, where the place that throws it knows nothing better. */
export const BMC_HINTS: Readonly<Record<BmcErrorCode, string>> = {
  BMC_UNREACHABLE: 'Check the address and that the board has power and network.',
  BMC_CONNECTION_LOST: 'Its daemon may have been restarted or run out of memory. Try again.',
  BMC_BUSY: 'Another client is uploading, or one vanished during its upload: `turingpi doctor` tells which.',
  BMC_UNTRUSTED:
    'Compare it with the one that the board shows over SSH or its console, then confirm it with `turingpi board trust`.',
  BMC_CERTIFICATE_CHANGED:
    'Someone may be in between; or the board was reset or replaced: then confirm it again with `turingpi board trust`.',
  BMC_TRUST_STORE_UNREADABLE: 'Move the file away and confirm the board again with `turingpi board trust`.',
  BMC_TRUST_STORE_UNWRITABLE:
    'See that the folder is yours and can be written to, or name the key in the configuration as `bmc.publicKeyPin`.',
  BMC_AUTH_REFUSED:
    'Check the user and the password, `bmc.username` and `bmc.password` of a configuration: it is the account of the BMC itself.',
  BMC_BANNED: 'Too many failed logins came from here. Wait until the ban ends.',
  BMC_PASSWORD_MISSING: 'Set `bmc.password` in the configuration, for example to `{ env: TPI_PASSWORD }`.',
  BMC_FACTORY_PASSWORD:
    'Its firmware serves nothing else until that is changed: `turingpi board password` does it. It is the password of SSH as well.',
  BMC_PASSWORD_REFUSED: 'A password has at least 12 characters and is not the one in use.',

  BMC_PROTOCOL: REPORT,
  BMC_NOT_SUPPORTED: 'This firmware does not have it. A newer BMC firmware may.',
  BMC_REQUEST_REFUSED:
    'The message has the reason of the BMC; `turingpi board info` shows its firmware version.',
  BMC_INTERNAL_ERROR: 'Try again; if it stays, reboot the BMC with `turingpi board reboot`.',
  BMC_SDCARD_UNAVAILABLE: 'No microSD card is in the slot of the BMC, or it is not mounted.',
  BMC_USB_HOST_UNSUPPORTED: 'Boards from v2.5 on have a USB hub and offer only the device and flash modes.',
  BMC_COOLING_REFUSED: 'Ask for the cooling devices first: names and speeds differ by board.',
  BMC_CONSOLE_UNAVAILABLE:
    'The BMC does not read this serial line. Reloading its daemon helps (it may switch nodes off and on).',
  BMC_FIRMWARE_FAILED: 'The file is not a firmware for this board (.tpu), or too large for the BMC.',
  BMC_FIRMWARE_STAGED:
    '`turingpi board reboot` takes it; `turingpi board firmware --replace-staged` puts another in its place.',

  BMC_FLASH_FAILED: 'Try again; if it stays, `turingpi doctor` shows the state of the board.',
  BMC_FLASH_BUSY: 'Wait until it is done: anything else now would destroy it.',
  BMC_FLASH_SUPERSEDED: 'Another client started a transfer. See that only one program flashes this board.',
  BMC_FLASH_STALLED: 'The BMC may have lost its connection to the module or the network. Try again.',
  BMC_FLASH_INTERRUPTED:
    'Check the network of the board; the BMC may also have run out of memory. Try again.',
  BMC_FLASH_UNVERIFIED: 'What is on the storage is unknown. Flash again.',
  BMC_FLASH_UNWATCHED:
    'See that the new key is that of the board, confirm it with `turingpi board trust`, and run the same command again: it follows a transfer that still runs to its end, and flashes again what has not come to a proven one.',
  BMC_FLASH_BMC_RESTARTED:
    'It may have run out of memory, which is known after several flashes in a row: reboot the BMC with `turingpi board reboot`, then try again.',
  BMC_FLASH_IMAGE_UNUSABLE: 'Check the image file: that it is whole, not empty, and has a plain name.',
  BMC_FLASH_OTHER_NODES_ON:
    'On boards with a USB hub the BMC takes the first module in USB boot. Switch that node off (`turingpi node power off --node N`), or see that its system answers.',
  BMC_FLASH_TARGET_UNPROVEN:
    'Switch the named node off, flash again, and look at what its storage holds: it may have been overwritten.',
  BMC_FLASH_LOCKED: 'The user cache directory must be writable.',
  BMC_FLASH_MODULE_NOT_FOUND: `${RESEAT} For node 1, its USB must not be routed to the USB-A port (\`usb_node1\`).`,
  BMC_FLASH_STORAGE_NOT_FOUND: `The module started in USB boot but showed no storage in time. ${RESEAT}`,
  BMC_FLASH_SEVERAL_MODULES:
    'Two modules offer their storage at once. Switch the other nodes off and try again.',
  BMC_FLASH_OTHER_PORT:
    'A module of another slot is in USB boot, and none of this one: switch that node off and see that a module is seated in this slot. Daemons 2.22 to 2.32 say so of every RK1 on boards from v2.5 on: then upgrade the firmware.',
  BMC_FLASH_FIRMWARE_FAULT:
    'Upgrade the firmware of the BMC to v2.24.0 or newer (bmcd 2.33): nothing was changed.',
  BMC_FLASH_RPIBOOT_FAILED: `The module did not accept the boot files. ${RESEAT}`,
  BMC_FLASH_USB_FAILED:
    'The USB controller of the BMC failed. Switching the whole board off and on is what helps.',
  BMC_FLASH_READBACK_MISMATCH:
    'What was read back differs from what was written: the storage may be worn out or its connection bad. Try once more.',
  BMC_FLASH_CHECKSUM_MISMATCH:
    'The bytes were damaged on the way to the BMC, or the image file changed meanwhile. Try once more.',
  BMC_FLASH_XZ_MEMORY:
    'The BMC has too little free memory for this xz dictionary. Use `xz -3` (4 MiB), or restart the BMC and try again.',
  BMC_FLASH_XZ_TRUNCATED: IMAGE_DAMAGED,
  BMC_FLASH_XZ_INVALID: IMAGE_DAMAGED,
  BMC_FLASH_NO_SPACE: 'The image is larger than the storage of the module. Use a smaller image.',
  BMC_FLASH_IO_ERROR: `Writing to or reading from the module failed. ${RESEAT}`,
  BMC_FLASH_SEND_TIMEOUT: 'The upload did not begin within 10 seconds. Try again.',
  BMC_FLASH_CANCELLED:
    'The transfer was cancelled: by another client, or because the connection broke. Try again.',
  BMC_FLASH_LENGTH_MISMATCH:
    'The upload had another length than announced. The image file may have changed meanwhile.',
  BMC_FLASH_FORM_REFUSED: 'Something between here and the BMC changed the upload.',
  BMC_FLASH_STATE_REFUSED: 'The transfer had already ended on the BMC. Wait ten seconds and try again.',
  BMC_FLASH_FILE_UNUSABLE:
    'A local transfer needs the absolute path of a file on the BMC, for example below /mnt/sdcard.',
  BMC_FLASH_URL_FAILED:
    'The BMC could not download the image. Its clock, its name resolution and the address must be right, and the server must tell the length.',
};

/** Where the BMC reports a missing file and means the module's disk. */
export const DISK_WENT_AWAY = `The disk of the module went away while it was written. ${BMC_HINTS.BMC_FLASH_IO_ERROR}`;
