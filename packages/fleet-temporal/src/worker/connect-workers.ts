import { NativeConnection } from '@temporalio/worker';
import { orUnreachable, wayTo } from '../client/fleet-connection.js';
import type { FleetConnectionOptions } from '../client/fleet-connection-options.js';

/**
 * Connects who works, and not only asks: a module of its own, since what Temporal has for workers takes as long to load as all
 * else that a command needs.
 *
 * @throws FleetEngineError `FLEET_ENGINE_UNREACHABLE`
 */
export function connectWorkers(options: FleetConnectionOptions): Promise<NativeConnection> {
  return orUnreachable(options, () => NativeConnection.connect(wayTo(options)));
}
