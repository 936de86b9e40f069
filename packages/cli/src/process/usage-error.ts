import { TuringPiError } from '@turingpi/foundation';

/** The command line says something that cannot be. */
export class UsageError extends TuringPiError<'USAGE'> {
  constructor(message: string, hint = 'See turingpi --help.') {
    super('USAGE', message, { hint, category: 'usage' });
  }
}
