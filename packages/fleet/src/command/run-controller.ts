import type { CommandContext } from '@turingpi/cli/plugin';
import { chosenEngine } from '../engine/chosen-engine.js';
import { loadFleet } from '../fleet-file/load-fleet.js';
import { FleetObservers } from '../observer/fleet-observers.js';
import { commandLogger } from './command-logger.js';
import type { FleetWords } from './fleet-words.js';
import { untilStopped } from './until-stopped.js';

/** `turingpi fleet controller`: decides what is next in the rollouts of a fleet, until it is told to end. */
export async function runController(context: CommandContext, words: FleetWords): Promise<number> {
  const { stdout, json, environment, cwd } = context;
  const fleet = await loadFleet(words.fleet);
  const logger = commandLogger(context);
  const { engine, request } = await chosenEngine(fleet, { environment, cwd, logger });
  await using orchestrator = await engine.connect(request);
  await using observers = await FleetObservers.beside(fleet, { environment, logger });
  observers.ask(() => orchestrator.status());
  const workers = await engine.startController(request);
  stdout.write(
    json
      ? `${JSON.stringify({ type: 'controller:ready', fleet: fleet.name, engine: engine.id })}\n`
      : `controller of ${fleet.name} by ${engine.id}\n`,
  );
  return await untilStopped(workers, context, () => undefined);
}
