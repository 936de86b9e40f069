import type { CommandContext } from '@turingpi/cli/plugin';
import { CleanupStack } from '@turingpi/foundation';
import { loadFleet } from '../fleet-file/load-fleet.js';
import { rolloutOf } from '../fleet-file/rollout-of.js';
import { FleetError } from '../orchestrator/fleet-error.js';
import { FleetObservers } from '../observer/fleet-observers.js';
import type { FleetEvent } from '../orchestrator/fleet-event.js';
import type { RolloutOutcome } from '../orchestrator/fleet-status.js';
import type { Orchestrator } from '../orchestrator/orchestrator.js';
import { commandLogger } from './command-logger.js';
import { boardOf } from '../fleet-file/named-in-fleet.js';
import { ofAnotherFleet, readApprovals, readFleetPlan } from './fleet-plan-file.js';
import { type FleetWords, needed } from './fleet-words.js';
import { follow } from './follow-rollout.js';
import { openOrchestrator } from './open-orchestrator.js';
import { pageBeside } from './watch-fleet.js';

const FAILED = 5;
const INTERRUPTED = 130;

/**
 * `turingpi fleet up` and `reinstall`: carries out a plan, and tells what happens. Ctrl-C cancels what this process carries,
 * and waits for it; what an engine carries goes on.
 */
export async function runFleet(context: CommandContext, words: FleetWords): Promise<number> {
  const { signal, stdout, json, environment } = context;
  const plan = await readFleetPlan(needed(words.file, 'the plan'));
  const fleet = await loadFleet(words.fleet);
  if (plan.reinstall !== (words.verb === 'reinstall'))
    throw new FleetError(
      'FLEET_USAGE',
      `the plan is ${plan.reinstall ? '' : 'not '}one that installs finished nodes anew`,
      {
        hint: plan.reinstall
          ? 'Carry it out with `turingpi fleet reinstall`.'
          : 'Make one with `turingpi fleet plan --reinstall`.',
      },
    );
  if (plan.fleet !== fleet.name) throw ofAnotherFleet(plan, fleet);
  for (const board of Object.keys(plan.boards)) boardOf(fleet, board);
  const approvals = words.approvals === undefined ? [] : await readApprovals(words.approvals);
  const id = new Date().toISOString().replaceAll(/[-:]/g, '');
  const plans = new Map(Object.entries(plan.boards));
  await using observers = await FleetObservers.beside(fleet, { environment, logger: commandLogger(context) });
  const trace = observers.begin(id);
  const rollout = rolloutOf(fleet, { id, plans, approvals, reinstall: plan.reinstall, trace });
  if (rollout.boards.length === 0) {
    stdout.write(json ? `${JSON.stringify({ type: 'nothing to do' })}\n` : 'nothing to do\n');
    return 0;
  }
  await using orchestrator = await openOrchestrator(fleet, context, words, observers);
  await orchestrator.start(rollout);
  await using cleanup = new CleanupStack();
  if (words.watch) cleanup.use('page', await pageBeside(context, words, fleet, orchestrator));
  const hear = (event: FleetEvent) => observers.hear(event);
  if (fleet.engine !== undefined) return await followElsewhere(orchestrator, id, context, hear);
  const cancel = () => void orchestrator.cancel(id);
  signal.addEventListener('abort', cancel, { once: true });
  if (signal.aborted) cancel();
  const never = new AbortController().signal; // what was cancelled is waited for
  const outcome = await follow(orchestrator, id, context, never, hear);
  if (!signal.aborted || outcome === 'completed') return exitCodeOf(outcome);
  if (!json) stdout.write('what was done is on record: the same command goes on from there\n');
  return INTERRUPTED;
}

/** Follows a rollout that goes on without this process. */
async function followElsewhere(
  orchestrator: Orchestrator,
  id: string,
  context: CommandContext,
  hear: (event: FleetEvent) => void,
): Promise<number> {
  const { signal, stdout, json } = context;
  if (!json) stdout.write(`rollout ${id}\n`);
  try {
    return exitCodeOf(await follow(orchestrator, id, context, signal, hear));
  } catch (error) {
    if (!signal.aborted) throw error;
    if (!json)
      stdout.write(`rollout ${id} goes on: \`turingpi fleet status\`, \`turingpi fleet cancel ${id}\`\n`);
    return INTERRUPTED;
  }
}

function exitCodeOf(outcome: RolloutOutcome | undefined): number {
  return outcome === 'completed' ? 0 : FAILED;
}
