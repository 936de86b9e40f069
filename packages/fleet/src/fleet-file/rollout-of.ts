import type { NodePlan } from '../orchestrator/board-steps.js';
import type { Rollout } from '../orchestrator/rollout.js';
import type { SignedApproval } from '../orchestrator/signed-approval.js';
import type { Fleet } from './load-fleet.js';

/** What is to be rolled out. */
export interface RolloutWish {
  readonly id: string;
  /** By board, in any order; of those nodes that have nothing to do nothing is asked. */
  readonly plans: ReadonlyMap<string, readonly NodePlan[]>;
  readonly approvals: readonly SignedApproval[];
  readonly reinstall: boolean;
  /** As `trace` of a rollout. */
  readonly trace?: string | undefined;
}

/**
 * Makes a rollout of what agents planned and operators approved, in the order of the fleet file. Approvals are only sorted
 * here: agents check them.
 */
export function rolloutOf(fleet: Fleet, { id, plans, approvals, reinstall, trace }: RolloutWish): Rollout {
  const boards = fleet.boards.flatMap(({ id: board, site }) => {
    const nodes = (plans.get(board) ?? []).filter(({ changes }) => changes);
    if (nodes.length === 0) return [];
    return [
      {
        ...{ board, site },
        nodes: nodes.map(({ node, plan }) => {
          const approval = approvals.findLast(
            ({ statement }) =>
              statement.board === board && statement.node === node && statement.plan === plan,
          );
          return { node, plan, ...(approval === undefined ? {} : { approval }) };
        }),
      },
    ];
  });
  const sites = fleet.sites.filter(({ id: site }) => boards.some((board) => board.site === site));
  return {
    ...{ id, sites, boards, reinstall, policy: fleet.policy },
    ...(trace === undefined ? {} : { trace }),
  };
}
