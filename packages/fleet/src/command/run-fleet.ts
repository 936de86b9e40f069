import type { CommandContext } from '@turingpi/cli/plugin';
import { loadFleet } from '../fleet-file/load-fleet.js';
import { rolloutOf } from '../fleet-file/rollout-of.js';
import { FleetError } from '../orchestrator/fleet-error.js';
import type { FleetEvent } from '../orchestrator/fleet-event.js';
import { readApprovals, readFleetPlan } from './fleet-plan-file.js';
import { type FleetWords, needed } from './fleet-words.js';
import { openEmbedded } from './open-embedded.js';

const FAILED = 5;
const INTERRUPTED = 130;

/** `turingpi fleet up` and `reinstall`: carries out a plan. Ctrl-C cancels what runs, and waits for it. */
export async function runFleet(context: CommandContext, words: FleetWords): Promise<number> {
  const { signal, stdout, json } = context;
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
  const approvals = words.approvals === undefined ? [] : await readApprovals(words.approvals);
  const id = new Date().toISOString().replaceAll(/[-:]/g, '');
  const plans = new Map(Object.entries(plan.boards));
  const rollout = rolloutOf(fleet, { id, plans, approvals, reinstall: plan.reinstall });
  if (rollout.boards.length === 0) {
    stdout.write(json ? `${JSON.stringify({ type: 'nothing to do' })}\n` : 'nothing to do\n');
    return 0;
  }
  await using orchestrator = openEmbedded(fleet, context, words);
  await orchestrator.start(rollout);
  const cancel = () => void orchestrator.cancel(id);
  signal.addEventListener('abort', cancel, { once: true });
  if (signal.aborted) cancel();
  const never = new AbortController().signal; // what was cancelled is waited for
  for await (const event of orchestrator.events(id, { after: 0, signal: never }))
    stdout.write(json ? `${JSON.stringify(event)}\n` : inWords(event));
  const { outcome } = await orchestrator.ended(id, never);
  if (outcome === 'completed') return 0;
  return signal.aborted ? INTERRUPTED : FAILED;
}

function inWords(event: FleetEvent): string {
  if (event.type === 'step:progress') return '';
  const place =
    'board' in event ? `${event.board}${'node' in event ? `/${event.node} ${event.step}` : ''}` : '';
  const what = event.type.split(':')[1] ?? '';
  const more =
    event.type === 'step:failed'
      ? `: ${event.failure.message} (${event.failure.code})`
      : event.type === 'rollout:ended'
        ? `: ${event.outcome}`
        : event.type === 'board:ended'
          ? `: ${event.state}`
          : '';
  return `${place === '' ? 'rollout' : place} ${what}${more}\n`;
}
