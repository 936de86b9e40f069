import type { Client } from '@temporalio/client';
import { fleetNames } from '../workflow/fleet-names.js';
import { inActivity } from './in-activity.js';
import { SiteGate } from './site-gate.js';

/** What the controller does for the workflows of rollouts. */
export interface ControllerActivities {
  isDrained(fleet: string, site: string): Promise<boolean>;
  untilResumed(fleet: string, site: string): Promise<void>;
}

export function controllerActivities(client: Client): ControllerActivities {
  const gateOf = (fleet: string, site: string) => new SiteGate(client, fleetNames(fleet).drain(site));
  return {
    isDrained: (fleet, site) => gateOf(fleet, site).isDrained(),
    untilResumed: (fleet, site) => inActivity((context) => gateOf(fleet, site).untilOpen(context)),
  };
}
