import type { CommandContext } from '@turingpi/cli/plugin';
import { loadFleet } from '../fleet-file/load-fleet.js';
import { siteOf } from '../fleet-file/named-in-fleet.js';
import { FleetError } from '../orchestrator/fleet-error.js';
import type { FleetStatus } from '../orchestrator/fleet-status.js';
import { agentLines, fleetStatusLines, rolloutLines } from './fleet-status-lines.js';
import { type FleetWords, needed } from './fleet-words.js';
import { orInterrupted } from './or-interrupted.js';
import { tellMore } from './tell-more.js';
import { openEngine } from './open-orchestrator.js';

/** `turingpi fleet status [rollout]`: what the fleet does. */
export async function tellFleetStatus(context: CommandContext, words: FleetWords): Promise<number> {
  await using orchestrator = await openEngine(await loadFleet(words.fleet), context);
  const status = await orInterrupted(context.signal, orchestrator.status());
  if (words.what === undefined) return say(context, status, fleetStatusLines(status, new Date()));
  const rollout = status.rollouts.find(({ id }) => id === words.what);
  if (rollout === undefined)
    throw new FleetError('ROLLOUT_UNKNOWN', unknown(words.what, status), {
      hint: '`turingpi fleet status` lists those that are known.',
    });
  return say(context, rollout, rolloutLines(rollout));
}

/** `turingpi fleet agents`: who serves which site, and which site nobody serves. */
export async function listAgents(context: CommandContext, words: FleetWords): Promise<number> {
  const fleet = await loadFleet(words.fleet);
  await using orchestrator = await openEngine(fleet, context);
  const { agents } = await orInterrupted(context.signal, orchestrator.status());
  const unserved = fleet.sites.map(({ id }) => id).filter((id) => agents.every(({ site }) => site !== id));
  return say(context, { agents, unserved }, [
    ...agentLines(agents, new Date()),
    ...unserved.map(
      (site) => `${site} has no agent: \`turingpi fleet agent --site ${site}\` starts one there`,
    ),
  ]);
}

/** `turingpi fleet cancel <rollout>`: ends a rollout, and says how it left its boards. Ctrl-C ends the waiting only. */
export async function cancelRollout(context: CommandContext, words: FleetWords): Promise<number> {
  const id = needed(words.what, 'the rollout');
  await using orchestrator = await openEngine(await loadFleet(words.fleet), context);
  const { signal } = context;
  await orInterrupted(signal, orchestrator.cancel(id));
  const ended = await orchestrator.ended(id, signal).catch((error: unknown) => {
    if (signal.aborted)
      tellMore(
        context,
        `rollout ${id} is told to end all the same: \`turingpi fleet status ${id}\` says how it does`,
      );
    throw error;
  });
  return say(context, ended, rolloutLines(ended));
}

/** `turingpi fleet drain <site>`: it finishes what runs, and takes nothing new; with `--resume` it takes work again. */
export async function drainSite(context: CommandContext, words: FleetWords): Promise<number> {
  const fleet = await loadFleet(words.fleet);
  const { id: site } = siteOf(fleet, needed(words.what, 'the site'));
  await using orchestrator = await openEngine(fleet, context);
  await orInterrupted(context.signal, words.resume ? orchestrator.resume(site) : orchestrator.drain(site));
  const line = words.resume
    ? `${site} takes work again`
    : `${site} finishes what runs, and takes nothing new`;
  return say(context, { site, draining: !words.resume }, [line]);
}

function say({ stdout, json }: CommandContext, data: unknown, lines: readonly string[]): number {
  stdout.write(json ? `${JSON.stringify(data)}\n` : lines.map((line) => `${line}\n`).join(''));
  return 0;
}

function unknown(id: string, { unreadable = [] }: FleetStatus): string {
  return unreadable.includes(id)
    ? `the rollout ${id} cannot be read with the keys that are here`
    : `there is no rollout ${id}`;
}
