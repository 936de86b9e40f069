import { once } from 'node:events';
import type { CommandContext } from '@turingpi/cli/plugin';
import { loadFleet } from '../fleet-file/load-fleet.js';
import { FleetError } from '../orchestrator/fleet-error.js';
import { CleanupStack } from '@turingpi/foundation';
import type { Orchestrator } from '../orchestrator/orchestrator.js';
import { FleetPage } from '../page/fleet-page.js';
import type { ViewedFleet } from '../page/fleet-view-of.js';
import type { FleetWords } from './fleet-words.js';
import { follow } from './follow-rollout.js';
import { openEngine } from './open-orchestrator.js';
import { orInterrupted } from './or-interrupted.js';
import { tellMore } from './tell-more.js';

/**
 * `turingpi fleet watch [rollout]`: tells what happens in a rollout, from its beginning, until it ends; with `--page` it
 * serves a page of the whole fleet until Ctrl-C. No rollout ends with it.
 */
export async function watchFleet(context: CommandContext, words: FleetWords): Promise<number> {
  const { signal } = context;
  const fleet = await loadFleet(words.fleet);
  await using orchestrator = await openEngine(fleet, context);
  if (!words.page) {
    const id = words.what ?? (await orInterrupted(signal, newest(orchestrator)));
    await follow(orchestrator, id, context, signal).catch((error: unknown) => {
      if (signal.aborted) tellMore(context, `rollout ${id} goes on`);
      throw error;
    });
    return 0;
  }
  await using page = await FleetPage.serve(fleet, orchestrator, words.port);
  tellPage(context, fleet.name, page, 'Ctrl-C ends the page, and no rollout.');
  if (!signal.aborted) await once(signal, 'abort');
  return 0;
}

/** A page beside a rollout, which goes on without where there can be none; disposed, it ends. */
export async function pageBeside(
  context: CommandContext,
  { port }: Pick<FleetWords, 'port'>,
  fleet: ViewedFleet,
  orchestrator: Orchestrator,
): Promise<AsyncDisposable> {
  try {
    const page = await FleetPage.serve(fleet, orchestrator, port);
    tellPage(context, fleet.name, page, 'It ends with this command.');
    return page;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    context.stderr.write(`the rollout has no page: ${why}\n`);
    return new CleanupStack();
  }
}

function tellPage(
  { stdout, json }: Pick<CommandContext, 'stdout' | 'json'>,
  fleet: string,
  { url }: FleetPage,
  more: string,
): void {
  stdout.write(
    json
      ? `${JSON.stringify({ type: 'page', fleet, url })}\n`
      : `Fleet ${fleet}: ${url}\nThe address opens once, in one browser. ${more}\n`,
  );
}

/** @throws FleetError `ROLLOUT_UNKNOWN` */
async function newest(orchestrator: Orchestrator): Promise<string> {
  const { rollouts } = await orchestrator.status();
  const last = rollouts.at(-1);
  if (last !== undefined) return last.id;
  throw new FleetError('ROLLOUT_UNKNOWN', 'there is no rollout to be watched', {
    hint: 'Begin one with `turingpi fleet up`; `--page` shows the fleet without one.',
  });
}
