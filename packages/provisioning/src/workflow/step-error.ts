import { TuringPiError } from '@turingpi/foundation';

/** A step of a configuration file failed: the same error, with the place where the step is written. */
export class StepError extends TuringPiError {
  /** @param place - as in `turingpi.yaml:12:7` */
  constructor(error: TuringPiError, place: string) {
    const { code, message, hint, details, category } = error;
    super(code, `${place}: ${message}`, { cause: error, hint, details: { ...details, place }, category });
  }
}
