import { TuringPiError } from '../error/turing-pi-error.js';

/** A disk was not erased, because nobody who may say so has said so. */
export class ErasureError extends TuringPiError<
  'ERASE_NOT_APPROVED' | 'NEEDS_REINSTALL' | 'REINSTALL_STOPPED'
> {}
