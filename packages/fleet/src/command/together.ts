import { CleanupStack } from '@turingpi/foundation';
import type { FleetWorkers } from '../engine/fleet-engine.js';

/** Several that work in this process, as one: it has ended when the first of them has. They end in the order in which they are given. */
export function together(workers: readonly FleetWorkers[]): FleetWorkers {
  const ended = Promise.race(workers.map((each) => each.ended));
  ended.catch(() => undefined); // told to who waits
  return {
    ended,
    [Symbol.asyncDispose]: async () => {
      await using cleanup = new CleanupStack();
      for (const each of workers.toReversed()) cleanup.use('worker', each);
    },
  };
}
