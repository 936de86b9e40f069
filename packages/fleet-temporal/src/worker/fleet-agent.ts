import { Worker } from '@temporalio/worker';
import type { Logger } from '@turingpi/core/plugin';
import { type BoardSteps, type SiteLimits, STEPS } from '@turingpi/fleet/orchestrator';
import { SiteGate } from '../activity/site-gate.js';
import { stepActivities } from '../activity/step-activities.js';
import { identityOf } from '../client/agents-waiting.js';
import { connectClient, dataConverterOf, namespaceOf } from '../client/fleet-connection.js';
import type { FleetConnectionOptions } from '../client/fleet-connection-options.js';
import { fleetNames } from '../workflow/fleet-names.js';
import { connectWorkers } from './connect-workers.js';
import { RunningWorkers } from './running-workers.js';
import { useLogger } from './use-logger.js';

export interface FleetAgentOptions extends FleetConnectionOptions {
  /** Names this agent, unlike all others of its site. */
  readonly id: string;
  readonly site: string;
  readonly steps: BoardSteps;
  /** What this agent does side by side, where it may do less than its site; default: four of each kind. */
  readonly limits?: SiteLimits;
  readonly logger: Logger;
}

const USUAL_LIMITS: SiteLimits = { customise: 4, install: 4, postInstall: 4 };
const PLANS = 2;
/** Temporal hears no more often of a step than that, so a cancel may take that long. */
const HEARD_EVERY_MS = 5000;

/**
 * Does the steps of a site's boards, until it is disposed: then it takes nothing new, and goes when what it does has ended.
 * It only ever connects outward.
 *
 * @throws FleetEngineError `FLEET_ENGINE_UNREACHABLE`, `FLEET_KEY_INVALID`
 */
export async function startFleetAgent(options: FleetAgentOptions): Promise<RunningWorkers> {
  const { fleet, site, steps, limits = USUAL_LIMITS, logger } = options;
  const names = fleetNames(fleet);
  const client = await connectClient(options);
  useLogger(logger); // from then on the process does not end by itself: first it must be known that there is a server
  const connection = await connectWorkers(options);
  const activities = stepActivities(steps, new SiteGate(client, names.drain(site)));
  const common = {
    connection,
    namespace: namespaceOf(options),
    identity: identityOf(options),
    dataConverter: dataConverterOf(options),
    maxConcurrentActivityTaskPolls: 1,
    maxHeartbeatThrottleInterval: HEARD_EVERY_MS,
    defaultHeartbeatThrottleInterval: HEARD_EVERY_MS,
    // What is being done comes to its end: a flash must not be torn because somebody updates an agent.
    shutdownGraceTime: '12 hours',
  } as const;
  const queues = [
    ...STEPS.map((step) => ({
      taskQueue: names.queue(site, step),
      activities: { [step]: activities[step] },
      maxConcurrentActivityTaskExecutions: limits[step],
    })),
    {
      taskQueue: names.queue(site, 'plan'),
      activities: { plan: activities.plan },
      maxConcurrentActivityTaskExecutions: PLANS,
    },
    // Nothing is put into it: who waits there is known to be alive.
    { taskQueue: names.agents, activities: { plan: activities.plan } },
  ];
  const workers = await Promise.all(queues.map((queue) => Worker.create({ ...common, ...queue })));
  return RunningWorkers.run(workers, [connection, client.connection]);
}
