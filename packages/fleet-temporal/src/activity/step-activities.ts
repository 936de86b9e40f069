import { CleanupStack } from '@turingpi/core/plugin';
import type {
  BoardSteps,
  NodePlan,
  PlanTask,
  SiteLimits,
  StepName,
  StepResult,
  StepTask,
} from '@turingpi/fleet/orchestrator';
import { STEPS } from '@turingpi/fleet/orchestrator';
import { inActivity } from './in-activity.js';
import { RunningSteps } from './running-steps.js';
import { SiteSlots } from './site-slots.js';
import { toldPlan, toldStep } from './told-task.js';
import type { SiteGate } from './site-gate.js';

/** What a step is called by Temporal, and what it takes. */
export type StepActivities = Readonly<
  Record<StepName, (task: StepTask, limits: SiteLimits) => Promise<StepResult>>
>;

export interface PlanActivities {
  readonly plan: (task: PlanTask) => Promise<readonly NodePlan[]>;
}

/** What an agent does for Temporal. */
export function stepActivities(steps: BoardSteps, gate: SiteGate): StepActivities & PlanActivities {
  const running = new RunningSteps();
  const slots = new SiteSlots();
  const activity = (step: StepName) => (given: StepTask, givenLimits: SiteLimits) =>
    inActivity((context) => {
      const { task, limits } = toldStep(given, givenLimits);
      return running.join(`${step} ${task.rollout} ${task.board} ${task.node}`, context, async (joined) => {
        await using cleanup = new CleanupStack();
        cleanup.use('slot', await slots.take(step, limits[step], joined));
        await gate.untilOpen(joined);
        return await steps[step](task, joined); // the slot is given back afterwards
      });
    });
  const own = Object.fromEntries(STEPS.map((step) => [step, activity(step)])) as unknown as StepActivities;
  return { ...own, plan: (given) => inActivity((context) => steps.plan(toldPlan(given), context)) };
}
