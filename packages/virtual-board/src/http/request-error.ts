/**
 * A request that a route refuses.
 *
 * @remarks The general entry shows it in the envelope with `status`; routes of the flash family lose the status and
 * answer 500 with the bare text (docs/reference/bmc-protocol.md, "Bodies and errors").
 */
export class RequestError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** An internal error; without outer context the text appears twice, as the daemon renders it. */
export function internalError(message: string, cause = message): RequestError {
  return new RequestError(500, `Failed to ${message}: ${cause}`);
}
