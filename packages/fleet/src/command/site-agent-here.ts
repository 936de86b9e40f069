import type { CommandContext } from '@turingpi/cli/plugin';
import { inspectPlugins, type Plugin } from '@turingpi/core';
import { SiteAgent } from '../agent/site-agent.js';
import type { OpenBoardOptions } from '../agent/open-board.js';
import type { Fleet } from '../fleet-file/load-fleet.js';
import type { FleetWords } from './fleet-words.js';

const FLEET = '@turingpi/fleet';

/** The agent of a site in this process, with the plugins that are installed beside the fleet file. */
export async function siteAgent(
  fleet: Fleet,
  site: string,
  {
    environment,
    programDir,
    logger,
  }: Pick<CommandContext, 'environment' | 'programDir'> & Pick<OpenBoardOptions, 'logger'>,
  words: Pick<FleetWords, 'fleet'>,
): Promise<SiteAgent> {
  const plugins = await pluginsBeside(fleet);
  return new SiteAgent(fleet, {
    ...{ site, environment, programDir, plugins },
    ledger: `${words.fleet}.approvals.jsonl`,
    ...(logger === undefined ? {} : { logger }),
  });
}

/** Those that a board can use: the fleet itself and its engines are for who rolls out. Commands of others rest. */
async function pluginsBeside({ file: { baseDir } }: Fleet): Promise<readonly Plugin[]> {
  const { discovery } = await inspectPlugins({ projectDir: baseDir, programDir: undefined });
  return discovery.plugins
    .map(({ plugin }) => plugin)
    .filter((plugin) => plugin.name !== FLEET && !('fleetEngines' in plugin));
}
