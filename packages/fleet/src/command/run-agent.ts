import os from 'node:os';
import type { CommandContext } from '@turingpi/cli/plugin';
import { type StepNews, ToldSteps } from '../agent/told-steps.js';
import { chosenEngine } from '../engine/chosen-engine.js';
import { loadFleet } from '../fleet-file/load-fleet.js';
import { siteOf } from '../fleet-file/named-in-fleet.js';
import { FleetObservers } from '../observer/fleet-observers.js';
import { ObservedSteps } from '../observer/observed-steps.js';
import { commandLogger } from './command-logger.js';
import { type FleetWords, needed } from './fleet-words.js';
import { siteAgent } from './site-agent-here.js';
import { untilStopped } from './until-stopped.js';

/**
 * `turingpi fleet agent`: does the steps of a site's boards until it is told to end; then it takes nothing new, and goes when
 * what it does has ended.
 */
export async function runAgent(context: CommandContext, words: FleetWords): Promise<number> {
  const { stdout, json, environment, cwd } = context;
  const fleet = await loadFleet(words.fleet);
  const site = siteOf(fleet, needed(words.site, '--site'));
  const logger = commandLogger(context);
  const { engine, request } = await chosenEngine(fleet, { environment, cwd, logger });
  const id = words.name ?? os.hostname();
  const say = (line: Readonly<Record<string, unknown>> & { readonly type: string }, text: string) =>
    stdout.write(json ? `${JSON.stringify(line)}\n` : text);
  const tell = (news: StepNews) => say(news, inWords(news));
  await using observers = await FleetObservers.beside(fleet, { environment, logger });
  const own = await siteAgent(fleet, site.id, { ...context, logger }, words);
  const steps = new ToldSteps(new ObservedSteps(own, observers, { site: site.id, agent: id }), tell);
  const workers = await engine.startAgent({ ...request, id, site: site.id, limits: site.limits, steps });
  say(
    { type: 'agent:ready', agent: id, site: site.id, engine: engine.id },
    `agent ${id} serves ${site.id} of ${fleet.name} by ${engine.id}\n`,
  );
  return await untilStopped(workers, context, () => {
    const { running } = steps;
    say({ type: 'agent:stopping', running }, `takes nothing new; ${running} steps come to their end\n`);
  });
}

function inWords(news: StepNews): string {
  const { board, node, step } = news;
  const place = `${board}/${node} ${step}`;
  switch (news.type) {
    case 'step:started':
      return `${place} started\n`;
    case 'step:progress':
      return '';
    case 'step:completed':
      return `${place} ${news.outcome}\n`;
    case 'step:cancelled':
      return `${place} cancelled\n`;
    case 'step:failed':
      return `${place} failed: ${news.failure.message} (${news.failure.code})\n`;
  }
}
