import type { CommandContext } from '@turingpi/cli/plugin';
import { EmbeddedOrchestrator } from '../embedded/embedded-orchestrator.js';
import { chosenEngine } from '../engine/chosen-engine.js';
import type { Fleet } from '../fleet-file/load-fleet.js';
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
 */
export async function openOrchestrator(
  fleet: Fleet,
  context: CommandContext,
  words: Pick<FleetWords, 'fleet'>,
): Promise<Orchestrator> {
  if (fleet.engine !== undefined) return openEngine(fleet, context);
  const agents = fleet.sites.map(async ({ id: site }) => ({
    ...{ id: `${site}-here`, site },
    steps: await siteAgent(fleet, site, context, words),
  }));
  return new EmbeddedOrchestrator({ agents: await Promise.all(agents) });
}
