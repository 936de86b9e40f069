import { onLauncherEnd } from './launcher.js';

/** Thrown (as the signal's reason) when the user pressed Ctrl-C, or closed the terminal. */
export class Interruption extends Error {
  override readonly name = 'AbortError';

  /** @param by - the signal, which the run's file names */
  constructor(readonly by: NodeJS.Signals) {
    super(`stopped by ${by}`);
  }
}

const SIGNALS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Turns the first SIGINT, SIGTERM or SIGHUP into an abort, as well as the end of npx where that began the command; a second SIGINT or SIGTERM leaves at once.
 *
 * @remarks A terminal that is closed sends SIGHUP more than once, and nobody is there to be impatient.
 * @param onFirst - says that a clean stop is under way
 */
export function onInterruption(onFirst: () => void): { readonly signal: AbortSignal } & Disposable {
  const controller = new AbortController();
  const listen = (signal: NodeJS.Signals) => {
    if (controller.signal.aborted) {
      if (signal !== 'SIGHUP') process.exit(130);
      return;
    }
    controller.abort(new Interruption(signal));
    try {
      onFirst();
    } catch {
      // The terminal may be gone: that must not keep the stop from being a clean one.
    }
  };
  for (const signal of SIGNALS) process.on(signal, listen);
  const launcher = onLauncherEnd(() => listen('SIGHUP'));
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      launcher[Symbol.dispose]();
      for (const signal of SIGNALS) process.off(signal, listen);
    },
  };
}
