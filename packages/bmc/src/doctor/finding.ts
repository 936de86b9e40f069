import type { NodeId } from '@turingpi/foundation';
import { BmcError, type BmcErrorCode } from '../errors/bmc-error.js';
import type { UsbState } from '../api/usb-api.js';

/** `note` is worth knowing; from `warning` on something is not as it should be. */
export type FindingSeverity = 'ok' | 'note' | 'warning' | 'error';

/** What a diagnosis may find, besides the errors of the client. */
export type FindingCode =
  | 'BMC_ANSWERS'
  | 'BMC_KEY_TRUSTED'
  | 'BMC_LOGIN_WORKS'
  | 'BMC_API_BUSY'
  | 'BMC_API_HELD'
  | 'BMC_DAEMON_HANGS'
  | 'BMC_FIRMWARE'
  | 'BMC_FIRMWARE_OLD'
  | 'BMC_FIRMWARE_UNKNOWN'
  | 'BMC_FIRMWARE_REFUSES_RK1'
  | 'BMC_TRANSFER_NONE'
  | 'BMC_TRANSFER_RUNNING'
  | 'BMC_TRANSFER_FAILED'
  | 'BMC_TRANSFER_UNFINISHED'
  | 'BMC_NODE_IN_USB_BOOT'
  | 'BMC_USB_MODE'
  | 'BMC_USB_MODE_FLASH'
  | 'BMC_USB_NODE1_ON_PORT'
  | 'BMC_CLOCK'
  | 'BMC_CLOCK_WRONG'
  | 'BMC_SDCARD'
  | 'BMC_SDCARD_ABSENT'
  | 'BMC_SDCARD_NOT_MOUNTED';

/** What can be undone without harm while no transfer runs. */
export type Repair =
  /** Stores the USB mode `device`, which lowers all USB-boot pins. */
  | { readonly kind: 'usb-to-device'; readonly usb: Pick<UsbState, 'node' | 'route'> }
  /** Switches nodes off and applies the stored USB setting; to be confirmed, somebody may use them. */
  | { readonly kind: 'power-off'; readonly nodes: readonly NodeId[] };

/** One thing that was looked at. */
export interface Finding {
  readonly code: FindingCode | BmcErrorCode;
  readonly severity: FindingSeverity;
  readonly message: string;
  readonly hint?: string;
  /** Whether `repairBoard` can undo it. */
  readonly fixable: boolean;
  readonly repair?: Repair;
}

/** A finding without a repair. */
export function finding(
  code: Finding['code'],
  severity: FindingSeverity,
  message: string,
  hint?: string,
): Finding {
  return { code, severity, message, ...(hint === undefined ? {} : { hint }), fixable: false };
}

/** A finding that can be undone. */
export function fixable(found: Finding, repair: Repair): Finding {
  return { ...found, fixable: true, repair };
}

/**
 * The finding that an error of the client is.
 *
 * @throws the error itself when it is none of the client's
 */
export function findingOf(cause: unknown): Finding {
  if (!BmcError.is(cause)) throw cause;
  return finding(cause.code as BmcErrorCode, 'error', cause.message, cause.hint);
}
