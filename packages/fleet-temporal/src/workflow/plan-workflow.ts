import { proxyActivities } from '@temporalio/workflow';
import type { NodePlan, PlanTask } from '@turingpi/fleet/orchestrator';
import type { PlanActivities } from '../activity/step-activities.js';
import { fleetNames } from './fleet-names.js';

/** A question to the agents of a site. */
export interface PlanQuestion {
  readonly fleet: string;
  readonly site: string;
  readonly task: PlanTask;
  /** How long an agent may take to begin, and to answer. Milliseconds. */
  readonly beginsWithinMs: number;
  readonly answersWithinMs: number;
}

/** Asks an agent of a site what would become of nodes of a board. */
export function planWorkflow(question: PlanQuestion): Promise<readonly NodePlan[]> {
  const { fleet, site, task, beginsWithinMs, answersWithinMs } = question;
  const { plan } = proxyActivities<PlanActivities>({
    taskQueue: fleetNames(fleet).queue(site, 'plan'),
    scheduleToStartTimeout: beginsWithinMs,
    startToCloseTimeout: answersWithinMs,
    retry: { maximumAttempts: 1 },
  });
  return plan(task);
}
