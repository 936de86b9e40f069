import type { PlanTask, SiteLimits, StepTask } from '@turingpi/fleet/orchestrator';
import { z } from 'zod';
import { FleetEngineError } from '../fleet-engine-error.js';

const board = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/);
const node = z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4)]);
const limit = z.int().min(1);

// What else a newer controller says is left out.
const stepTask = z.object({
  rollout: board,
  board,
  node,
  plan: z.string().min(1).max(100),
  reinstall: z.boolean(),
  approval: z.unknown().optional(), // for who has the operators' keys
  trace: z
    .string()
    .regex(/^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/)
    .optional(),
});
const planTask = z.object({ board, nodes: z.array(node).optional(), reinstall: z.boolean() });
const siteLimits = z.object({ customise: limit, install: limit, postInstall: limit });

/**
 * What an agent was handed as a step to do: whoever has the key of the fleet can have put it there.
 *
 * @throws FleetEngineError `FLEET_PAYLOAD_UNREADABLE`
 */
export function toldStep(task: unknown, limits: unknown): { task: StepTask; limits: SiteLimits } {
  return { task: checked(stepTask, task) as StepTask, limits: checked(siteLimits, limits) };
}

/** The same for a question. @throws FleetEngineError `FLEET_PAYLOAD_UNREADABLE` */
export function toldPlan(task: unknown): PlanTask {
  return checked(planTask, task) as PlanTask;
}

function checked<T>(schema: z.ZodType<T>, given: unknown): T {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new FleetEngineError('FLEET_PAYLOAD_UNREADABLE', 'what Temporal hands over is no task of a fleet', {
    hint: 'Somebody with the key of the fleet has put it there: a controller of another version, or a stranger.',
    category: 'configuration',
  });
}
