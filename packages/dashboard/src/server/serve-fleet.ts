import type { FleetSource } from '../fleet/fleet-source.js';
import { LatestView } from '../fleet/latest-view.js';
import { type Dashboard, servePage, type ServePageOptions } from './serve-page.js';

export interface ServeFleetOptions extends ServePageOptions {
  readonly source: FleetSource;
}

/**
 * Serves a fleet's page on loopback until it is disposed or the signal says so. Its rules are those of a run's page.
 *
 * @throws DashboardError as {@link serveDashboard} does
 */
export function serveFleet({ source, ...options }: ServeFleetOptions): Promise<Dashboard> {
  const cancel = async (rollout: string | undefined) => {
    if (rollout === undefined) throw new TypeError('Which rollout is meant was not said.');
    await source.cancel?.(rollout);
  };
  const content = {
    title: 'turingpi fleet',
    kind: 'fleet',
    stream: new LatestView((signal) => source.views(signal)),
    ...(source.cancel === undefined ? {} : { cancel }),
    cancelled: 'The rollout was asked to end.',
    notCancelled: 'Nothing can be cancelled from here.',
  } as const;
  return servePage(content, options);
}
