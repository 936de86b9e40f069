import { BmcError } from '../errors/bmc-error.js';

/**
 * A signal for work on a board that goes on after its caller has stopped, as the restoring of a node does: it has a limit
 * of its own, and what it interrupts fails with a code instead of a bare `TimeoutError`.
 *
 * @param ms - milliseconds until it fires, with BmcError BMC_UNREACHABLE as its reason. The timer keeps no process alive.
 */
export function timeLimit(ms: number): AbortSignal {
  const limit = new AbortController();
  const over = (): void =>
    limit.abort(
      new BmcError(
        'BMC_UNREACHABLE',
        `the BMC did not do what it was asked to within ${Math.ceil(ms / 1000)} s`,
      ),
    );
  setTimeout(over, ms).unref();
  return limit.signal;
}
