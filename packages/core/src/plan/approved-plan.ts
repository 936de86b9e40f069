import { nodeName } from '@turingpi/foundation';
import { asksForMore } from '../erasure/asks-for-more.js';
import type { EraseApproval } from '../erasure/erase-approval.js';
import { PlanError } from '../errors/plan-error.js';
import type { Node } from '../node/node.js';
import type { PhaseName } from '../phase/phase.js';
import { type ClusterPlan, digestOfPlan, type PlannedNode } from './cluster-plan.js';

/**
 * Sees to it that what was approved is what a run would do now.
 *
 * @throws PlanError `PLAN_OUTDATED` naming what differs.
 */
export function assertSamePlan(approved: ClusterPlan, now: ClusterPlan): void {
  if (digestOfPlan(approved) === digestOfPlan(now)) return;
  const differences = approved.nodes.flatMap((node) =>
    differencesOf(
      node,
      now.nodes.find(({ nodeId }) => nodeId === node.nodeId),
    ),
  );
  if (approved.board !== now.board)
    differences.unshift(`the board was ${approved.board ?? 'not known'}, and is ${now.board ?? 'not known'}`);
  throw outdated(differences.length > 0 ? differences.join('; ') : 'the nodes are others');
}

/**
 * Sees to it that a phase that is about to run is one that was approved, with the inputs that were approved.
 *
 * @param inputHash - SHA-256 over its inputs, hex
 * @throws PlanError `PLAN_OUTDATED`
 */
export function assertPlanned(plan: ClusterPlan, node: Node, phase: PhaseName, inputHash: string): void {
  const planned = plan.nodes.find(({ nodeId }) => nodeId === node.id)?.phases;
  const { decision = 'skip', inputHashes = [] } = planned?.find((one) => one.phase === phase) ?? {};
  const name = `${nodeName(node.id)} ${phase}`;
  if (decision !== 'run' && decision !== 'unknown')
    throw outdated(`${name} would run, the plan says ${decision}`);
  if (decision === 'run' && inputHashes.length > 0 && !inputHashes.includes(inputHash))
    throw outdated(`${name} would run with other inputs`);
}

/** The erasures that a plan names are approved with it; of a disk of which more is known by now, nothing is. */
export function approvalOfPlan(plan: ClusterPlan): EraseApproval {
  return (erasure) => {
    const phases = plan.nodes.find(({ nodeId }) => nodeId === erasure.node)?.phases ?? [];
    return phases.some(({ erases }) => erases && !asksForMore(erasure, { ...erases, board: plan.board }));
  };
}

function differencesOf(approved: PlannedNode, now: PlannedNode | undefined): string[] {
  const node = nodeName(approved.nodeId);
  const phases = approved.phases.flatMap((then) => {
    const planned = now?.phases.find(({ phase }) => phase === then.phase);
    const { decision: is = 'skip', inputHashes = [], erases } = planned ?? {};
    const name = `${node} ${then.phase}`;
    if (is !== then.decision) return [`${name} was to ${then.decision}, and is to ${is} now`];
    const sameInputs = JSON.stringify(inputHashes) === JSON.stringify(then.inputHashes);
    if (sameInputs && erases?.installation !== then.erases?.installation)
      return [`${name} was to erase another installation than the one that is there now`];
    return sameInputs ? [] : [`the inputs of ${name} changed`];
  });
  const sameHooks = JSON.stringify(now?.hooks ?? []) === JSON.stringify(approved.hooks);
  return sameHooks ? phases : [...phases, `the hooks of ${node} are others`];
}

function outdated(what: string): PlanError {
  return new PlanError('PLAN_OUTDATED', `what was approved is not what would run now: ${what}`, {
    hint: 'Nothing that the plan does not have was done. Make a new plan with `turingpi plan -o FILE`, and look at it.',
  });
}
