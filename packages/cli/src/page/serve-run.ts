import type { RunStore } from '@turingpi/core';
import { type Dashboard, serveDashboard } from '@turingpi/dashboard';

/** Who asks when a run is cancelled on its page. */
const BY = 'the page of the run';

/** Serves the page of a run that is on file: it goes on with the run, and may ask it to stop. */
export async function serveRun(
  runs: RunStore,
  id: string,
  { signal, port }: { readonly signal: AbortSignal; readonly port?: number | undefined },
): Promise<Dashboard> {
  return await serveDashboard({
    source: {
      events: (ended) => runs.follow(id, { signal: ended }),
      cancel: () => runs.requestCancel(id, BY),
    },
    signal,
    ...(port === undefined ? {} : { port }),
  });
}
