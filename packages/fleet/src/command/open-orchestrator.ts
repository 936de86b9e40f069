import type { CommandContext } from '@turingpi/cli/plugin';
import { EmbeddedOrchestrator } from '../embedded/embedded-orchestrator.js';
import { chosenEngine } from '../engine/chosen-engine.js';
import type { Fleet } from '../fleet-file/load-fleet.js';
import type { FleetObservers } from '../observer/fleet-observers.js';
import { ObservedSteps } from '../observer/observed-steps.js';
import type { Orchestrator } from '../orchestrator/orchestrator.js';
import { commandLogger } from './command-logger.js';
import type { FleetWords } from './fleet-words.js';
import { siteAgent } from './site-agent-here.js';

/** The engine of a fleet file. @throws FleetError `FLEET_ENGINE_MISSING`; what the engine throws. */
export async function openEngine(fleet: Fleet, context: CommandContext): Promise<Orchestrator> {
  const { environment, cwd } = context;
  const { engine, request } = await chosenEngine(fleet, { environment, cwd, logger: commandLogger(context) });
  return engine.connect(request);
}

/**
 * What carries the rollouts of a fleet: the engine of its file; where that names none an orchestrator in this process, with
 * an agent for every site: all boards are reached from here.
 *
 * @param observers - of the steps that are done here
 */
export async function openOrchestrator(
  fleet: Fleet,
  context: CommandContext,
  words: Pick<FleetWords, 'fleet'>,
  observers?: FleetObservers,
): Promise<Orchestrator> {
  if (fleet.engine !== undefined) return openEngine(fleet, context);
  const agents = fleet.sites.map(async ({ id: site }) => {
    const id = `${site}-here`;
    const steps = await siteAgent(fleet, site, context, words);
    const by = { site, agent: id };
    return { id, site, steps: observers === undefined ? steps : new ObservedSteps(steps, observers, by) };
  });
  return new EmbeddedOrchestrator({ agents: await Promise.all(agents) });
}
