import { randomUUID } from 'node:crypto';
import type { NodePlan } from '../orchestrator/board-steps.js';
import { FleetError } from '../orchestrator/fleet-error.js';
import type { ApprovalStatement } from '../orchestrator/signed-approval.js';

const WEEK_MS = 7 * 24 * 60 * 60 * 1000;

/**
 * The statement with which an operator allows what a plan erases, as yet unsigned. Good for a week.
 *
 * @throws FleetError `APPROVAL_INVALID` for a plan that erases nothing
 */
export function approvalFor(about: {
  readonly fleet: string;
  readonly operator: string;
  readonly board: string;
  readonly plan: NodePlan;
  readonly now: Date;
}): ApprovalStatement {
  const { fleet, operator, board, now, plan } = about;
  const { erases } = plan;
  if (erases === undefined)
    throw new FleetError(
      'APPROVAL_INVALID',
      `the plan of ${plan.hostname} erases nothing: there is nothing to approve`,
      {
        hint: 'Leave it out.',
      },
    );
  const { identity, disk, evidence, installation } = erases;
  return {
    version: 1,
    ...{ fleet, id: randomUUID(), operator, board, node: plan.node, plan: plan.plan, disk, evidence },
    ...(identity === undefined ? {} : { identity }),
    ...(installation === undefined ? {} : { installation }),
    at: now.toISOString(),
    until: new Date(now.getTime() + WEEK_MS).toISOString(),
  };
}
