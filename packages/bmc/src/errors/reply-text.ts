import type { BmcErrorCode } from './bmc-error.js';
import { BMC_HINTS } from './bmc-hints.js';

/** What a text of the BMC means. */
export interface TextMeaning {
  readonly code: BmcErrorCode;
  readonly advice: string;
}

/**
 * Texts of bmcd 2.0.x to 2.3.7 and of the fork, first match wins; with advice where it is not that of the code.
 *
 * @remarks Source: docs/reference/bmc-protocol.md, "Error texts"; the texts are matched without their outer
 * `Failed to …:` because the daemon repeats itself there.
 */
const MEANINGS: readonly (readonly [text: RegExp, code: BmcErrorCode, advice?: string])[] = [
  // The fork looks at the node's own port of the hub (docs/reference/bmc-protocol.md, "Fork: modules and ports").
  [/nothing is in maskrom or rockusb there/, 'BMC_FLASH_MODULE_NOT_FOUND'],
  [/requested on .+; found .+ instead/, 'BMC_FLASH_OTHER_PORT'],
  [/no storage on /, 'BMC_FLASH_STORAGE_NOT_FOUND'],
  [/storage devices on /, 'BMC_FLASH_SEVERAL_MODULES'],
  [/USB interface not found or supported|^Compute module not supported/, 'BMC_FLASH_MODULE_NOT_FOUND'],
  [/No supported (USB )?devices found/, 'BMC_FLASH_STORAGE_NOT_FOUND'],
  [/Several supported devices found/, 'BMC_FLASH_SEVERAL_MODULES'],
  [/Failed to reboot \(\d+, \d+\) as USB MSD/, 'BMC_FLASH_RPIBOOT_FAILED'],
  [/^crc error|integrity check of written image failed/, 'BMC_FLASH_READBACK_MISMATCH'],
  [/^sha256 checksum failed/, 'BMC_FLASH_CHECKSUM_MISMATCH'],
  [/^memory limit reached/, 'BMC_FLASH_XZ_MEMORY'],
  [/^More memory needed/, 'BMC_FLASH_XZ_TRUNCATED'],
  [/stream\/file format not recognized|^lzma data error|^invalid options/, 'BMC_FLASH_XZ_INVALID'],
  [/No space left on device/, 'BMC_FLASH_NO_SPACE'],
  [/^Input\/output error/, 'BMC_FLASH_IO_ERROR'],
  [/^Send timeout/, 'BMC_FLASH_SEND_TIMEOUT'],
  [/^missing .* bytes$/, 'BMC_FLASH_LENGTH_MISMATCH'],
  [/^cancelled by user|^transfer cancell?ed/, 'BMC_FLASH_CANCELLED'],
  [/^Multipart form invalid/, 'BMC_FLASH_FORM_REFUSED'],
  [/^cannot execute command in current state/, 'BMC_FLASH_STATE_REFUSED'],
  [/^unauthorized request for handle/, 'BMC_FLASH_SUPERSEDED'],
  [/^cannot transfer bytes to worker/, 'BMC_FLASH_STATE_REFUSED', 'This transfer already has an uploader.'],
  [/http file request error|no content-length field|could not be parsed to a url/, 'BMC_FLASH_URL_FAILED'],
  [/No such file or directory|Is a directory/, 'BMC_FLASH_FILE_UNUSABLE'],
  [/is already staged for the next boot/, 'BMC_FIRMWARE_STAGED'],
  [
    /^the current password is wrong/,
    'BMC_PASSWORD_REFUSED',
    'It is the password of the BMC that is in use now: `bmc.password`, or TPI_PASSWORD.',
  ],
  [/^the new password is /, 'BMC_PASSWORD_REFUSED'],
  [/failed firmware upgrade|failed os_update/, 'BMC_FIRMWARE_FAILED'],
  [/outside the microSD card|no such directory on the microSD card/, 'BMC_REQUEST_REFUSED'],
  [/microSD card/, 'BMC_SDCARD_UNAVAILABLE'],
  [/USB Host role is not supported/, 'BMC_USB_HOST_UNSUPPORTED'],
  [
    /only available on v2\.5\+ boards/,
    'BMC_NOT_SUPPORTED',
    'This setting exists only on boards from v2.5 on.',
  ],
  [/Cooling state/, 'BMC_COOLING_REFUSED'],
  [/^serial worker not started|^Stopped$/, 'BMC_CONSOLE_UNAVAILABLE'],
  [/^Invalid `type` parameter|is deprecated$|is not implemented$/, 'BMC_NOT_SUPPORTED'],
  [/^(Error loading USB device: )?USB(: .*)?$/, 'BMC_FLASH_USB_FAILED'],
];

/** What an error text of the BMC means; undefined for a text that is not known. */
export function meaningOfText(text: string): TextMeaning | undefined {
  const inner = text.replace(/^Failed to /, '').trim();
  const found = MEANINGS.find(([pattern]) => pattern.test(inner) || pattern.test(text));
  if (!found) return undefined;
  const [, code, advice = BMC_HINTS[code]] = found;
  return { code, advice };
}
