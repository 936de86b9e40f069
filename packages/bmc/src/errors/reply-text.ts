import type { BmcErrorCode } from './bmc-error.js';

/** What a text of the BMC means. */
export interface TextMeaning {
  readonly code: BmcErrorCode;
  readonly advice: string;
}

const RESEAT =
  'Check that a supported module (RK1, CM4 with eMMC) is seated in that slot; when it is, switch the whole board off and on once and try again.';
const IMAGE_DAMAGED =
  'The transferred file is not a whole xz file. Check the image with `xz -t` and make it again.';

/**
 * Texts of bmcd 2.0.x to 2.3.7, first match wins.
 *
 * @remarks Source: sections 5, 6.1, 6.4 and 7 of the API reference; the texts are matched without their outer
 * `Failed to …:` because the daemon repeats itself there.
 */
const MEANINGS: readonly (readonly [RegExp, BmcErrorCode, string])[] = [
  [
    /USB interface not found or supported|^Compute module not supported/,
    'BMC_FLASH_MODULE_NOT_FOUND',
    `${RESEAT} For node 1, its USB must not be routed to the USB-A port (\`usb_node1\`).`,
  ],
  [
    /No supported (USB )?devices found/,
    'BMC_FLASH_STORAGE_NOT_FOUND',
    `The module started in USB boot but showed no storage in time. ${RESEAT}`,
  ],
  [
    /Several supported devices found/,
    'BMC_FLASH_SEVERAL_MODULES',
    'Two modules offer their storage at once. Switch the other nodes off and try again.',
  ],
  [
    /Failed to reboot \(\d+, \d+\) as USB MSD/,
    'BMC_FLASH_RPIBOOT_FAILED',
    `The module did not accept the boot files. ${RESEAT}`,
  ],
  [
    /^crc error|integrity check of written image failed/,
    'BMC_FLASH_READBACK_MISMATCH',
    'What was read back differs from what was written: the storage may be worn out or its connection bad. Try once more.',
  ],
  [
    /^sha256 checksum failed/,
    'BMC_FLASH_CHECKSUM_MISMATCH',
    'The bytes were damaged on the way to the BMC, or the image file changed meanwhile. Try once more.',
  ],
  [
    /^memory limit reached/,
    'BMC_FLASH_XZ_MEMORY',
    'The BMC has too little free memory for this xz dictionary. Use `xz -3` (4 MiB), or restart the BMC and try again.',
  ],
  [/^More memory needed/, 'BMC_FLASH_XZ_TRUNCATED', IMAGE_DAMAGED],
  [
    /stream\/file format not recognized|^lzma data error|^invalid options/,
    'BMC_FLASH_XZ_INVALID',
    IMAGE_DAMAGED,
  ],
  [
    /No space left on device/,
    'BMC_FLASH_NO_SPACE',
    'The image is larger than the storage of the module. Use a smaller image.',
  ],
  [/^Input\/output error/, 'BMC_FLASH_IO_ERROR', `Writing to or reading from the module failed. ${RESEAT}`],
  [/^Send timeout/, 'BMC_FLASH_SEND_TIMEOUT', 'The upload did not begin within 10 seconds. Try again.'],
  [
    /^missing .* bytes$/,
    'BMC_FLASH_LENGTH_MISMATCH',
    'The upload had another length than announced. The image file may have changed meanwhile.',
  ],
  [
    /^cancelled by user|^transfer cancell?ed/,
    'BMC_FLASH_CANCELLED',
    'The transfer was cancelled: by another client, or because the connection broke. Try again.',
  ],
  [
    /^Multipart form invalid/,
    'BMC_FLASH_FORM_REFUSED',
    'Something between here and the BMC changed the upload.',
  ],
  [
    /^cannot execute command in current state/,
    'BMC_FLASH_STATE_REFUSED',
    'The transfer had already ended on the BMC. Wait ten seconds and try again.',
  ],
  [
    /^unauthorized request for handle/,
    'BMC_FLASH_SUPERSEDED',
    'Another client started a transfer. See that only one program flashes this board.',
  ],
  [/^cannot transfer bytes to worker/, 'BMC_FLASH_STATE_REFUSED', 'This transfer already has an uploader.'],
  [
    /http file request error|no content-length field|could not be parsed to a url/,
    'BMC_FLASH_URL_FAILED',
    'The BMC could not download the image. Its clock, its name resolution and the address must be right, and the server must tell the length.',
  ],
  [
    /No such file or directory|Is a directory/,
    'BMC_FLASH_FILE_UNUSABLE',
    'A local transfer needs the absolute path of a file on the BMC, for example below /mnt/sdcard.',
  ],
  [
    /failed firmware upgrade|failed os_update/,
    'BMC_FIRMWARE_FAILED',
    'The file is not a firmware for this board (.tpu), or too large for the BMC.',
  ],
  [
    /microSD card/,
    'BMC_SDCARD_UNAVAILABLE',
    'No microSD card is in the slot of the BMC, or it is not mounted.',
  ],
  [
    /USB Host role is not supported/,
    'BMC_USB_HOST_UNSUPPORTED',
    'Boards from v2.5 on have a USB hub and offer only the device and flash modes.',
  ],
  [
    /only available on v2\.5\+ boards/,
    'BMC_NOT_SUPPORTED',
    'This setting exists only on boards from v2.5 on.',
  ],
  [
    /Cooling state/,
    'BMC_COOLING_REFUSED',
    'Ask for the cooling devices first: names and speeds differ by board.',
  ],
  [
    /^serial worker not started|^Stopped$/,
    'BMC_CONSOLE_UNAVAILABLE',
    'The BMC does not read this serial line. Reloading its daemon helps (it may switch nodes off and on).',
  ],
  [
    /^Invalid `type` parameter|is deprecated$|is not implemented$/,
    'BMC_NOT_SUPPORTED',
    'This firmware does not have it. A newer BMC firmware may.',
  ],
  [
    /^(Error loading USB device: )?USB(: .*)?$/,
    'BMC_FLASH_USB_FAILED',
    'The USB controller of the BMC failed. Switching the whole board off and on is what helps.',
  ],
];

/** What an error text of the BMC means; undefined for a text that is not known. */
export function meaningOfText(text: string): TextMeaning | undefined {
  const inner = text.replace(/^Failed to /, '').trim();
  const found = MEANINGS.find(([pattern]) => pattern.test(inner) || pattern.test(text));
  return found && { code: found[1], advice: found[2] };
}
