import { setMaxListeners } from 'node:events';

/** A signal of one run alone: any number of waits may listen to it, whatever limit the caller's one has. */
export function signalOfRun(signal: AbortSignal | undefined): AbortSignal {
  const own = AbortSignal.any(signal === undefined ? [] : [signal]);
  setMaxListeners(0, own);
  return own;
}
