import { TuringPiError, type TuringPiErrorOptions } from '../error/turing-pi-error.js';

type ErasureErrorCode = 'ERASE_NOT_APPROVED' | 'ERASE_OUTDATED' | 'NEEDS_REINSTALL' | 'REINSTALL_STOPPED';

/** A disk was not erased, because nobody who may say so has said so. */
export class ErasureError extends TuringPiError<ErasureErrorCode> {
  constructor(code: ErasureErrorCode, message: string, options: TuringPiErrorOptions) {
    super(code, message, { category: code === 'REINSTALL_STOPPED' ? 'blocked' : 'approval', ...options });
  }
}
