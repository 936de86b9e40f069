import { FleetError } from '../orchestrator/fleet-error.js';
import type { Rollout } from '../orchestrator/rollout.js';

const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/** Whether a rollout may be called so. */
export function isRolloutId(id: string): boolean {
  return ID.test(id);
}

/** Nothing but ids: whatever else it could carry would be handed to everybody. */
const TRACE = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/**
 * Refuses a rollout that no orchestrator can carry out.
 *
 * @throws FleetError `ROLLOUT_INVALID`
 */
export function checkRollout({ id, sites, boards, policy, trace }: Rollout): void {
  const wrong = (what: string) =>
    new FleetError('ROLLOUT_INVALID', `the rollout "${id}" ${what}`, {
      hint: 'Correct it, and start it again: nothing was begun.',
    });
  if (!isRolloutId(id)) throw wrong('has an id that is not letters, digits, dots, - and _, at most 100');
  if (!Number.isInteger(policy.atOnce) || policy.atOnce < 1) throw wrong('takes no board at a time');
  if (policy.stopAfterFailures !== undefined && policy.stopAfterFailures < 1)
    throw wrong('stops before any board failed');
  if (policy.retry.attempts < 1) throw wrong('attempts no step');
  if (trace !== undefined && !TRACE.test(trace)) throw wrong('has a trace that is no traceparent');
  if (boards.length === 0) throw wrong('has no boards');
  const names = boards.map(({ board }) => board);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw wrong(`has the board ${twice} twice`);
  for (const { board, site, nodes } of boards) {
    if (!sites.some((one) => one.id === site))
      throw wrong(`has the board ${board} on a site that it lacks: ${site}`);
    if (new Set(nodes.map(({ node }) => node)).size !== nodes.length)
      throw wrong(`has a node of ${board} twice`);
  }
}
