import { BmcError } from '../errors/bmc-error.js';
import type { FlashRequest } from './flash-request.js';

/** Failures that may pass, when the board could be restored in between. */
const WORTH_ANOTHER_ATTEMPT = [
  'BMC_FLASH_INTERRUPTED',
  'BMC_FLASH_SEND_TIMEOUT',
  'BMC_FLASH_STATE_REFUSED',
  'BMC_FLASH_MODULE_NOT_FOUND',
  'BMC_FLASH_STORAGE_NOT_FOUND',
  'BMC_FLASH_CHECKSUM_MISMATCH',
  'BMC_FLASH_READBACK_MISMATCH',
  'BMC_FLASH_BMC_RESTARTED',
  'BMC_CONNECTION_LOST',
  'BMC_UNREACHABLE',
] as const;

/**
 * Whether a flash that failed is worth another attempt: what went wrong may pass, and the board is as it was before.
 *
 * @remarks The digest of what lies at an address is as wrong the next time.
 */
export function mayPass(failure: unknown, image: FlashRequest['image']): failure is BmcError {
  if (!BmcError.is(failure) || failure.details['restored'] !== true) return false;
  const isFromUrl = 'from' in image && image.from === 'url';
  if (isFromUrl && BmcError.hasCode(failure, 'BMC_FLASH_CHECKSUM_MISMATCH')) return false;
  return BmcError.hasCode(failure, ...WORTH_ANOTHER_ATTEMPT);
}
