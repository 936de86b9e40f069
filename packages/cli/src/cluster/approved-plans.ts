import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type BoardPlan, type ClusterPlan, parsePlan, PlanError, type PhaseLimits } from '@turingpi/core';
import type { NodeName } from '../process/node-names.js';

/** Plans that were approved: of one board, or of several by name. */
export class ApprovedPlans {
  constructor(private readonly plans: readonly BoardPlan[]) {}

  readonly of = (board: string | undefined): ClusterPlan | undefined =>
    this.plans.find((one) => one.board === board)?.plan;

  get nodes(): readonly NodeName[] {
    return this.#named(({ nodes }) => nodes.map(({ nodeId }) => nodeId));
  }

  get reinstall(): readonly NodeName[] {
    return this.#named(({ reinstall }) => reinstall);
  }

  /** They are made together, for the same phases. */
  get limits(): PhaseLimits | undefined {
    return this.plans[0]?.plan.limits;
  }

  /** Sees to it that they are about boards as the configuration has them. @throws PlanError `PLAN_OUTDATED` */
  assertBoards(boards: readonly (string | undefined)[]): void {
    const other = this.plans.find(({ board }) => !boards.includes(board));
    if (other === undefined) return;
    throw new PlanError(
      'PLAN_OUTDATED',
      `the plan is for ${other.board === undefined ? 'a configuration of one board' : `the board ${other.board}`}, which the configuration does not have`,
      { hint: 'Make a new plan with `turingpi plan -o FILE`, and look at it.' },
    );
  }

  #named(idsOf: (plan: ClusterPlan) => readonly NodeName['id'][]): NodeName[] {
    return this.plans.flatMap(({ board, plan }) =>
      idsOf(plan).map((id) => ({
        ...(board === undefined ? {} : { board }),
        ...(id === undefined ? {} : { id }),
      })),
    );
  }
}

/** What `turingpi plan` writes of several boards. */
interface PlansOfBoards {
  readonly boards: readonly { readonly board: string; readonly plan: ClusterPlan }[];
  readonly changes: boolean;
}

/** Plans as JSON: that of one board as it is, those of several by their names. */
export function plansAsJson(plans: readonly BoardPlan[]): ClusterPlan | PlansOfBoards {
  const [first] = plans;
  if (first !== undefined && first.board === undefined) return first.plan;
  return {
    boards: plans.map(({ board = '', plan }) => ({ board, plan })),
    changes: plans.some(({ plan }) => plan.changes),
  };
}

/**
 * The plans in the file that `--plan` names.
 *
 * @throws PlanError `PLAN_UNREADABLE`
 */
export async function readApprovedPlans(file: string, cwd: string): Promise<ApprovedPlans> {
  const location = path.resolve(cwd, file);
  let text: string;
  try {
    text = await readFile(location, 'utf8');
  } catch (cause) {
    throw new PlanError('PLAN_UNREADABLE', `the plan ${location} cannot be read`, {
      hint: 'Make one with `turingpi plan -o FILE`.',
      cause,
    });
  }
  const several = boardsIn(text);
  if (several === undefined)
    return new ApprovedPlans([{ board: undefined, plan: parsePlan(text, location) }]);
  return new ApprovedPlans(
    several.map(({ board, plan }) => ({
      board: String(board),
      plan: parsePlan(JSON.stringify(plan ?? null), `${location}, board ${String(board)},`),
    })),
  );
}

/** What a file has of several boards, not yet checked; undefined where it is not of several. */
function boardsIn(
  text: string,
): readonly { readonly board?: unknown; readonly plan?: unknown }[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('boards' in value)) return undefined;
    return Array.isArray(value.boards)
      ? value.boards.map((one: unknown) => Object(one) as object)
      : undefined;
  } catch {
    return undefined; // told by who reads it
  }
}
