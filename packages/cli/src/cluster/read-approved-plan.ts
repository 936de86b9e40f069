import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type ClusterPlan, parsePlan, PlanError } from '@turingpi/core';

/**
 * The plan that `--plan FILE` names.
 *
 * @throws PlanError `PLAN_UNREADABLE`
 */
export async function readApprovedPlan(file: string, cwd: string): Promise<ClusterPlan> {
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
  return parsePlan(text, location);
}
