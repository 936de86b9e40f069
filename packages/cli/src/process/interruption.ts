/** Thrown (as the signal's reason) when the user pressed Ctrl-C. */
export class Interruption extends Error {
  override readonly name = 'AbortError';

  constructor(signal: NodeJS.Signals) {
    super(`stopped by ${signal}`);
  }
}

const SIGNALS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM'];

/**
 * Turns the first SIGINT or SIGTERM into an abort; the second one leaves at once.
 *
 * @param onFirst - says that a clean stop is under way
 */
export function onInterruption(onFirst: () => void): { readonly signal: AbortSignal } & Disposable {
  const controller = new AbortController();
  const listen = (signal: NodeJS.Signals) => {
    if (controller.signal.aborted) process.exit(130);
    onFirst();
    controller.abort(new Interruption(signal));
  };
  for (const signal of SIGNALS) process.on(signal, listen);
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      for (const signal of SIGNALS) process.off(signal, listen);
    },
  };
}
