/**
 * Thrown while a plan is made, for what only a run can tell: what a base image holds that was not downloaded yet. The plan
 * says so, and goes no further on this node.
 */
export class NotForeseeable extends Error {
  override readonly name = 'NotForeseeable';

  /** @param what - for people, for example `what is in the base image, which is downloaded first` */
  constructor(readonly what: string) {
    super(`not known before a run: ${what}`);
  }

  /** Also one of another copy of this package. */
  static is(error: unknown): error is NotForeseeable {
    return error instanceof Error && error.name === 'NotForeseeable' && 'what' in error;
  }
}
