import type { ErrorCategory } from '@turingpi/foundation';
import type { RuntimeErrorCode } from './runtime-error-code.js';

/** What kind of error a code is, where it is not `failed`. */
export const RUNTIME_CATEGORIES: Readonly<Partial<Record<RuntimeErrorCode, ErrorCategory>>> = {
  SSH_UNREACHABLE: 'connection',
  SSH_TIMEOUT: 'connection',
  SSH_AUTH_REFUSED: 'authentication',
};
