import type { ErrorCategory } from '@turingpi/foundation';
import type { BmcErrorCode } from './bmc-error-code.js';

/** What kind of error a code is, where it is not `failed`. */
export const BMC_CATEGORIES: Readonly<Partial<Record<BmcErrorCode, ErrorCategory>>> = {
  BMC_UNREACHABLE: 'connection',
  BMC_UNTRUSTED: 'connection',
  BMC_CERTIFICATE_CHANGED: 'connection',
  BMC_FLASH_UNWATCHED: 'connection',
  BMC_AUTH_REFUSED: 'authentication',
  BMC_BANNED: 'authentication',
  BMC_PASSWORD_MISSING: 'authentication',
  BMC_FACTORY_PASSWORD: 'authentication',
};
