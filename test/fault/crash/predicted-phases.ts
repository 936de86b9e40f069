import { NODE_IDS, nodeName } from '@turingpi/foundation';
import type { ClusterPlan } from '@turingpi/core';

type Line = Readonly<Record<string, unknown>>;

/**
 * What a run did and its plan had not said. Of a run that was killed, only what it came to is compared.
 *
 * @param plan - made directly before the run
 * @param lines - the events of the run
 * @param cameToItsEnd - everything that the plan says must have been done then
 */
export function notAsPredicted(plan: ClusterPlan, lines: readonly Line[], cameToItsEnd: boolean): string[] {
  const wrong: string[] = [];
  for (const { nodeId, phases } of plan.nodes)
    for (const { phase, decision } of phases) {
      const name = `${nodeName(nodeId)} ${phase}`;
      const has = (event: string) =>
        lines.some((line) => line['event'] === event && line['nodeId'] === nodeId && line['phase'] === phase);
      const did = { run: has('phase:started'), skip: has('phase:skipped') };
      if (decision === 'blocked')
        wrong.push(`${name} was predicted to be blocked, with every erasure approved`);
      if (decision === 'run' && did.skip) wrong.push(`${name} was predicted to run, and was skipped`);
      if (decision === 'skip' && did.run) wrong.push(`${name} was predicted to be skipped, and ran`);
      if (decision === 'run' && cameToItsEnd && !did.run)
        wrong.push(`${name} was predicted to run, and did not`);
    }
  const planned = new Set(plan.nodes.map(({ nodeId }) => nodeId));
  for (const id of NODE_IDS) if (!planned.has(id)) wrong.push(`${nodeName(id)} is not in the plan`);
  return wrong;
}
