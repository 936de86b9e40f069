import { setMaxListeners } from 'node:events';

/** A signal of one run alone: any number of waits may listen to it, whatever limit the caller's one has. */
export function signalOfRun(...signals: readonly (AbortSignal | undefined)[]): AbortSignal {
  const own = AbortSignal.any(signals.filter((signal) => signal !== undefined));
  setMaxListeners(0, own);
  return own;
}
