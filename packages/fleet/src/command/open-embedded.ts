import type { CommandContext } from '@turingpi/cli/plugin';
import { SiteAgent } from '../agent/site-agent.js';
import { EmbeddedOrchestrator } from '../embedded/embedded-orchestrator.js';
import type { Fleet } from '../fleet-file/load-fleet.js';
import type { FleetWords } from './fleet-words.js';

/** An orchestrator in this process, with an agent for every site: all boards are reached from here. */
export function openEmbedded(
  fleet: Fleet,
  { environment, programDir }: Pick<CommandContext, 'environment' | 'programDir'>,
  words: Pick<FleetWords, 'fleet'>,
): EmbeddedOrchestrator {
  const ledger = `${words.fleet}.approvals.jsonl`;
  const agents = fleet.sites.map(({ id: site }) => ({
    ...{ id: `${site}-here`, site },
    steps: new SiteAgent(fleet, { site, ledger, environment, programDir }),
  }));
  return new EmbeddedOrchestrator({ agents });
}
