import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { approvalSchema } from '../approval/approval-schema.js';
import type { Fleet } from '../fleet-file/load-fleet.js';
import type { NodePlan } from '../orchestrator/board-steps.js';
import { FleetError } from '../orchestrator/fleet-error.js';
import type { SignedApproval } from '../orchestrator/signed-approval.js';

/** What agents planned, as a file: operators look at it, approve it, and have it carried out. */
export interface FleetPlan {
  readonly version: 1;
  readonly fleet: string;
  /** ISO 8601. */
  readonly at: string;
  readonly reinstall: boolean;
  readonly boards: Readonly<Record<string, readonly NodePlan[]>>;
}

const digest = z.string().regex(/^[0-9a-f]{64}$/);
const evidence = z.enum(['new', 'interrupted', 'unknown', 'installed']);
const failure = z.object({
  code: z.string(),
  message: z.string(),
  hint: z.string().optional(),
  retryable: z.boolean(),
});
const nodePlan = z.object({
  node: z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4)]),
  hostname: z.string(),
  plan: digest,
  changes: z.boolean(),
  steps: z.array(z.string()),
  erases: z
    .object({
      identity: z.string().optional(),
      disk: z.string(),
      evidence,
      installation: z.string().optional(),
      loss: z.string(),
    })
    .optional(),
  blocked: failure.optional(),
});
const fleetPlan = z.object({
  version: z.literal(1),
  fleet: z.string(),
  at: z.string(),
  reinstall: z.boolean(),
  boards: z.record(z.string(), z.array(nodePlan)),
});

/** @throws FleetError `FLEET_PLAN_UNREADABLE` */
export async function readFleetPlan(file: string): Promise<FleetPlan> {
  return (await readJson(file, fleetPlan, 'plan', '`turingpi fleet plan -o FILE` makes one.')) as FleetPlan;
}

/** @throws FleetError `FLEET_PLAN_UNREADABLE` */
export async function readApprovals(file: string): Promise<readonly SignedApproval[]> {
  const hint = '`turingpi fleet approve PLAN -o FILE` makes them.';
  return (await readJson(
    file,
    z.array(approvalSchema),
    'list of approvals',
    hint,
  )) as readonly SignedApproval[];
}

/** Why a plan is none of a fleet. */
export function ofAnotherFleet(plan: Pick<FleetPlan, 'fleet'>, fleet: Pick<Fleet, 'name'>): FleetError {
  return new FleetError(
    'FLEET_USAGE',
    `the plan is of the fleet ${plan.fleet}, and the fleet file of ${fleet.name}`,
    {
      hint: 'Name the fleet file that it was made with: -f FILE.',
    },
  );
}

async function readJson(file: string, schema: z.ZodType, what: string, hint: string): Promise<unknown> {
  const unreadable = (cause?: unknown) =>
    new FleetError('FLEET_PLAN_UNREADABLE', `${file} is no ${what}`, { hint, cause });
  let data: unknown;
  try {
    data = JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw unreadable(cause);
  }
  const parsed = schema.safeParse(data);
  if (!parsed.success) throw unreadable();
  return parsed.data;
}
