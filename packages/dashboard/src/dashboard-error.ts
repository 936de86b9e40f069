import { TuringPiError } from '@turingpi/foundation';

/** What can go wrong when a run is shown. */
export class DashboardError extends TuringPiError<
  | 'DASHBOARD_PAGE_MISSING' //
  | 'DASHBOARD_PORT_TAKEN'
  | 'DASHBOARD_LISTEN_FAILED'
> {}
