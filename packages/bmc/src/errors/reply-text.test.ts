import { describe, expect, test } from 'vitest';
import { meaningOfText } from './reply-text.js';

// Every error text of docs/reference/bmc-protocol.md, "Error texts".
const TEXTS: readonly (readonly [string, string])[] = [
  ["Compute module's USB interface not found or supported", 'BMC_FLASH_MODULE_NOT_FOUND'],
  [
    "Failed to Compute module's USB interface not found or supported: Compute module's USB interface not found or supported",
    'BMC_FLASH_MODULE_NOT_FOUND',
  ],
  ['Compute module not supported', 'BMC_FLASH_MODULE_NOT_FOUND'],
  ['Error loading USB device: No supported USB devices found', 'BMC_FLASH_STORAGE_NOT_FOUND'],
  ['No supported devices found', 'BMC_FLASH_STORAGE_NOT_FOUND'],
  ['Error loading USB device: Several supported devices found', 'BMC_FLASH_SEVERAL_MODULES'],
  ['Several supported devices found: found 2, expected 1', 'BMC_FLASH_SEVERAL_MODULES'],
  [
    'Error loading USB device: Failed to reboot (2652, 10001) as USB MSD: WriteError',
    'BMC_FLASH_RPIBOOT_FAILED',
  ],
  ['USB', 'BMC_FLASH_USB_FAILED'],
  ['Failed to USB: Input/Output Error', 'BMC_FLASH_USB_FAILED'],
  ['crc error. expected 123, calculated 456', 'BMC_FLASH_READBACK_MISMATCH'],
  ['integrity check of written image failed', 'BMC_FLASH_READBACK_MISMATCH'],
  ['sha256 checksum failed. Expected: abcd, got: ef01', 'BMC_FLASH_CHECKSUM_MISMATCH'],
  ['memory limit reached', 'BMC_FLASH_XZ_MEMORY'],
  ['More memory needed', 'BMC_FLASH_XZ_TRUNCATED'],
  ['stream/file format not recognized', 'BMC_FLASH_XZ_INVALID'],
  ['lzma data error', 'BMC_FLASH_XZ_INVALID'],
  ['invalid options', 'BMC_FLASH_XZ_INVALID'],
  ['No space left on device (os error 28)', 'BMC_FLASH_NO_SPACE'],
  ['Input/output error (os error 5)', 'BMC_FLASH_IO_ERROR'],
  ['Send timeout', 'BMC_FLASH_SEND_TIMEOUT'],
  ['cancelled by user', 'BMC_FLASH_CANCELLED'],
  ['transfer canceled', 'BMC_FLASH_CANCELLED'],
  ['transfer cancelled', 'BMC_FLASH_CANCELLED'],
  ['missing 1.05 MB bytes', 'BMC_FLASH_LENGTH_MISMATCH'],
  ['missing 18.45 EB bytes', 'BMC_FLASH_LENGTH_MISMATCH'],
  ['Multipart form invalid', 'BMC_FLASH_FORM_REFUSED'],
  [
    'cannot execute command in current state. current=Error, expected=Transferring',
    'BMC_FLASH_STATE_REFUSED',
  ],
  ['unauthorized request for handle', 'BMC_FLASH_SUPERSEDED'],
  [
    'cannot transfer bytes to worker. This is either because the transfer happens locally, or is already ongoing.',
    'BMC_FLASH_STATE_REFUSED',
  ],
  ['Failed to http file request error: Connection refused (os error 111)', 'BMC_FLASH_URL_FAILED'],
  [
    'Failed to no content-length field in http response: no content-length field in http response',
    'BMC_FLASH_URL_FAILED',
  ],
  ['httpd.img could not be parsed to a url object: relative URL without a base', 'BMC_FLASH_URL_FAILED'],
  ['Failed to /mnt/sdcard/x.img: No such file or directory (os error 2)', 'BMC_FLASH_FILE_UNUSABLE'],
  ['Is a directory (os error 21)', 'BMC_FLASH_FILE_UNUSABLE'],
  ['failed firmware upgrade (exit status: 255)', 'BMC_FIRMWARE_FAILED'],
  ['failed os_update (exit status: 255)', 'BMC_FIRMWARE_FAILED'],
  ['Failed to get microSD card info: {}', 'BMC_SDCARD_UNAVAILABLE'],
  [
    'Failed to set USB mode: Selecting one of the nodes as USB Host role is not supported by the current hardware',
    'BMC_USB_HOST_UNSUPPORTED',
  ],
  [
    'Failed to This command is only available on v2.5+ boards: This command is only available on v2.5+ boards',
    'BMC_NOT_SUPPORTED',
  ],
  ['Failed to set Cooling state: cooling device: `x` does not exist', 'BMC_COOLING_REFUSED'],
  ["Failed to set Cooling state: given speed '9' exceeds maximum speed of '6'", 'BMC_COOLING_REFUSED'],
  ['serial worker not started', 'BMC_CONSOLE_UNAVAILABLE'],
  ['Stopped', 'BMC_CONSOLE_UNAVAILABLE'],
  ['Invalid `type` parameter cooling', 'BMC_NOT_SUPPORTED'],
  ['Method type `set` on parameter `nodeinfo` is deprecated', 'BMC_NOT_SUPPORTED'],
];

describe('meaningOfText', () => {
  test.each(TEXTS)('%s', (text, code) => {
    const meaning = meaningOfText(text);
    expect(meaning?.code).toBe(code);
    expect(meaning?.advice).not.toBe('');
  });

  test('does not invent a meaning for a text it does not know', () => {
    expect(meaningOfText('the flux capacitor is empty')).toBeUndefined();
    expect(meaningOfText('')).toBeUndefined();
  });
});
