import { TuringPiError } from '@turingpi/core';

/** The command line says something that cannot be. */
export class UsageError extends TuringPiError<'USAGE'> {
  constructor(message: string, hint = 'See turingpi --help.') {
    super('USAGE', message, { hint });
  }
}
