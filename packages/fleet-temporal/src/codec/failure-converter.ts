import { ApplicationFailure, DefaultFailureConverter, type PayloadConverter } from '@temporalio/common';
import { UNREADABLE } from './unreadable.js';

/** The class of the error with which the codec refuses it, by which Temporal calls it. */
const REFUSED = 'FleetEngineError';

type ProtoFailure = ReturnType<DefaultFailureConverter['errorToFailure']>;

/**
 * Messages and stack traces of failures are payloads as well, so that the codec encrypts them.
 *
 * @remarks But for the one word of whoever has another key than the rest of the fleet: encrypted with that key, nobody else could
 * read it, and what cannot be read in the history of a board stops that board for good.
 */
class SealedFailureConverter extends DefaultFailureConverter {
  constructor() {
    super({ encodeCommonAttributes: true });
  }

  override errorToFailure(error: unknown, payloadConverter: PayloadConverter): ProtoFailure {
    if (error instanceof ApplicationFailure && error.type === REFUSED)
      return {
        message: UNREADABLE,
        source: 'TypeScriptSDK',
        applicationFailureInfo: { type: UNREADABLE, nonRetryable: true },
      };
    return super.errorToFailure(error, payloadConverter);
  }
}

export const failureConverter = new SealedFailureConverter();
