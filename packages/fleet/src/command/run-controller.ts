import type { CommandContext } from '@turingpi/cli/plugin';
import { chosenEngine } from '../engine/chosen-engine.js';
import { loadFleet } from '../fleet-file/load-fleet.js';
import { FleetObservers } from '../observer/fleet-observers.js';
import { commandLogger } from './command-logger.js';
import type { FleetWords } from './fleet-words.js';
import { serveStateBeside } from './serve-state-beside.js';
import { together } from './together.js';
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
  const say = (type: string, text: string) =>
    stdout.write(json ? `${JSON.stringify({ type, fleet: fleet.name, engine: engine.id })}\n` : `${text}\n`);
  await using serving =
    words.stateServer === undefined ? undefined : await serveStateBeside(fleet, context, words.stateServer);
  const controller = await engine.startController(request);
  await using workers = together([controller, ...(serving === undefined ? [] : [serving])]);
  say('controller:ready', `controller of ${fleet.name} by ${engine.id}`);
  return await untilStopped(workers, context, () =>
    say('controller:stopping', 'takes nothing new; rollouts go on with another controller, or the next one'),
  );
}
