import { TuringPiError } from '@turingpi/foundation';

/** What can go wrong when this computer writes a CM4's storage over USB. */
export class UsbHostError extends TuringPiError<
  | 'CM4_PLATFORM_UNSUPPORTED'
  | 'CM4_RPIBOOT_MISSING'
  | 'CM4_RPIBOOT_FAILED'
  | 'CM4_DEVICE_LIST_FAILED'
  | 'CM4_DEVICE_NOT_FOUND'
  | 'CM4_DEVICE_AMBIGUOUS'
  | 'CM4_DEVICE_IN_USE'
  | 'CM4_DEVICE_TOO_SMALL'
  | 'CM4_WRITE_FAILED'
  | 'CM4_VERIFY_FAILED'
> {}
