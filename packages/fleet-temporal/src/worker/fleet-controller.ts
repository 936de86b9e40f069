import { Worker } from '@temporalio/worker';
import type { Logger } from '@turingpi/core/plugin';
import { controllerActivities } from '../activity/controller-activities.js';
import { connectClient, dataConverterOf, namespaceOf } from '../client/fleet-connection.js';
import type { FleetConnectionOptions } from '../client/fleet-connection-options.js';
import { fleetNames } from '../workflow/fleet-names.js';
import { bundleWorkflows } from './bundle-workflows.js';
import { connectWorkers } from './connect-workers.js';
import { RunningWorkers } from './running-workers.js';
import { useLogger } from './use-logger.js';

export interface FleetControllerOptions extends FleetConnectionOptions {
  readonly logger: Logger;
}

/**
 * Runs the workflows of a fleet, until it is disposed: then it takes nothing new, and goes when what it does has ended.
 * Any number may run side by side; none is the first.
 *
 * @throws FleetEngineError `FLEET_ENGINE_UNREACHABLE`, `FLEET_KEY_INVALID`
 */
export async function startFleetController(options: FleetControllerOptions): Promise<RunningWorkers> {
  const client = await connectClient(options);
  useLogger(options.logger); // as an agent: not before it is known that there is a server
  const connection = await connectWorkers(options);
  const worker = await Worker.create({
    connection,
    namespace: namespaceOf(options),
    taskQueue: fleetNames(options.fleet).controller,
    dataConverter: dataConverterOf(options),
    activities: controllerActivities(client),
    workflowBundle: await bundleWorkflows(),
  });
  return RunningWorkers.run([worker], [connection, client.connection]);
}
