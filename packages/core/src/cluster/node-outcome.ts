import type { Logger, NodeId } from '@turingpi/foundation';
import { IdentityError } from '../errors/identity-error.js';
import { isBlocked } from '../errors/is-blocked.js';
import { PhaseError } from '../errors/phase-error.js';
import type { EventBus } from '../event/event-bus.js';
import type { Redactor } from '../logging/redactor.js';
import type { Node } from '../node/node.js';
import { failureFacts } from '../phase/failure-facts.js';
import type { RunOutcome } from '../run/run-event.js';
import type { NodeSummary } from './cluster-summary.js';

/** How a node ended, by what was thrown. */
export function outcomeOf(error: unknown, signal: AbortSignal): NodeSummary['outcome'] {
  if (signal.aborted) return 'aborted';
  if (isBlocked(error)) return error.code === 'NODE_NOT_REACHABLE' ? 'unreachable' : 'blocked';
  return 'failed';
}

/** Logs why a node was not finished, with the stack and all errors underneath. One that was stopped did not fail. */
export function logOutcome(
  logger: Logger,
  {
    outcome,
    ...fields
  }: { readonly node: NodeId; readonly outcome: NodeSummary['outcome']; readonly err: unknown },
): void {
  if (outcome === 'failed') logger.error(fields, 'the node failed');
  else if (outcome !== 'aborted') logger.warn(fields, 'the node is left as it is');
}

/** Of several outcomes the worst counts: stopped, failed, left as they are. */
export function outcomeOfRun(nodes: readonly NodeSummary[]): RunOutcome {
  const has = (...outcomes: readonly NodeSummary['outcome'][]) =>
    nodes.some(({ outcome }) => outcomes.includes(outcome));
  if (has('aborted')) return 'aborted';
  if (has('failed')) return 'failed';
  return has('blocked', 'unreachable') ? 'incomplete' : 'completed';
}

/** The error of a node that has nothing to be done, as far as can be known without asking it. */
export function notReachable(node: Node, why: string): IdentityError {
  return new IdentityError('NODE_NOT_REACHABLE', `${node.hostname} (node ${node.id}) is ${why}`, {
    hint: 'Its record stands, and nothing was changed. Is it switched on? `turingpi node power status` tells; --offline does not ask.',
    details: { node: node.id },
  });
}

/** What events tell of the end of a node. */
export function endOfNode(
  { outcome, durationMs, error }: NodeSummary,
  signal: AbortSignal,
  redactor: Redactor,
): Parameters<EventBus['emit']>[1] {
  if (outcome === 'completed') return { type: 'node:completed', durationMs };
  if (outcome === 'aborted') return { type: 'node:aborted', durationMs };
  const facts = failureFacts(error, signal, redactor);
  return { type: outcome === 'failed' ? 'node:failed' : 'node:blocked', durationMs, ...facts };
}

/** The reason of a run that ends with the first node that failed. */
export function stoppedBy({ hostname, id }: Node): PhaseError {
  return new PhaseError(
    'RUN_STOPPED',
    `${hostname} (node ${id}) failed, and the run stops at the first failure`,
    {
      hint: 'Look at that node; the next run goes on where this one was stopped.',
      details: { failed: id },
    },
  );
}
