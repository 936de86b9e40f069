import {
  approvalOfPlan,
  type ClusterPlan,
  type ClusterSummary,
  createTuringPi,
  type TuringPiConfig,
  type Workflow,
} from '@turingpi/core';

/** Says what a run would do now; nothing is done. */
export async function planCluster(config: TuringPiConfig, workflow: Workflow): Promise<ClusterPlan> {
  await using cluster = await createTuringPi(config);
  const plan = await cluster.plan(workflow, { comparable: true });
  for (const { hostname, phases } of plan.nodes)
    console.log(hostname, phases.map(({ phase, decision }) => `${phase}: ${decision}`).join(', '));
  return plan;
}

/** Does exactly what was planned, perhaps by another program, or nothing. */
export async function runPlan(
  config: TuringPiConfig,
  workflow: Workflow,
  plan: ClusterPlan,
): Promise<ClusterSummary> {
  await using cluster = await createTuringPi(config, { approve: approvalOfPlan(plan) });
  await cluster.assertPlan(plan, workflow);
  return await cluster.runAll(cluster.run(workflow), { plan, reinstall: plan.reinstall });
}
