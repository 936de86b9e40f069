import type { RunSource } from '../run-source.js';
import { EventLog } from './event-log.js';
import { type Dashboard, servePage, type ServePageOptions } from './serve-page.js';

export interface ServeDashboardOptions extends ServePageOptions {
  readonly source: RunSource;
}

/**
 * Serves a run's page on loopback while the run happens, and after it, until it is disposed or the signal says so.
 *
 * @throws DashboardError `DASHBOARD_PAGE_MISSING` - in a clone in which the page was not built; `DASHBOARD_PORT_TAKEN` -
 * somebody listens there; `DASHBOARD_LISTEN_FAILED` - the system does not let us listen
 */
export function serveDashboard({ source, ...options }: ServeDashboardOptions): Promise<Dashboard> {
  const content = {
    title: 'turingpi run',
    kind: 'run',
    stream: new EventLog((signal) => source.events(signal)),
    ...(source.cancel === undefined ? {} : { cancel: async () => source.cancel?.() }),
    cancelled: 'The run was asked to end.',
    notCancelled: 'This run cannot be cancelled from here.',
  } as const;
  return servePage(content, options);
}
