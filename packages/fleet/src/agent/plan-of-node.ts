import type { ClusterPlan, PlannedNode, PlannedPhase } from '@turingpi/core';
import { hashInputs } from '@turingpi/core/plugin';
import type { NodePlan, PlannedDisk, StepFailure } from '../orchestrator/board-steps.js';

/**
 * What tasks and approvals call a plan: digest of the board, the node, all that decides what is installed, and, where that
 * is to be done anew, the installation that it replaces.
 *
 * @remarks It stays while the work goes on, and once it is done: it is about what the node becomes, not about what is left
 * to do.
 */
export function digestOfNodePlan(board: string, planned: PlannedNode, replaced: string | undefined): string {
  const installation = [...(installationIn(planned)?.inputHashes ?? [])];
  return hashInputs({ board, node: planned.nodeId, installation, replaced: replaced ?? null });
}

/** What a plan says of the installation. */
export function installationIn({ phases }: PlannedNode): PlannedPhase | undefined {
  return phases.find(({ phase }) => phase === 'os_installation');
}

/**
 * What a fleet is told of the plan of a node.
 *
 * @param plan - of which it is a part
 */
export function planOfNode(
  board: string,
  plan: Pick<ClusterPlan, 'board' | 'reinstall'>,
  planned: PlannedNode,
): NodePlan {
  const { nodeId: node, hostname, phases } = planned;
  const installation = installationIn(planned);
  const isKnown = (installation?.inputHashes.length ?? 0) > 0;
  const blocked = blockedBy(phases) ?? (isKnown ? undefined : UNKNOWN);
  const disk = diskOf(plan.board, installation);
  const replaced = plan.reinstall.includes(node) ? disk?.installation : undefined;
  return {
    ...{ node, hostname, plan: digestOfNodePlan(board, planned, replaced) },
    changes: phases.some(({ decision }) => decision !== 'skip'),
    steps: phases.map(
      ({ phase, decision, reason }) => `${phase}: ${decision}${reason ? ` (${reason})` : ''}`,
    ),
    ...(disk === undefined ? {} : { erases: disk }),
    ...(blocked === undefined ? {} : { blocked }),
  };
}

const UNKNOWN: StepFailure = {
  code: 'PLAN_OUTDATED',
  message: 'what it would become cannot be told before it runs',
  hint: 'A fleet carries out what was planned. Run `turingpi up` for this node.',
  retryable: false,
};

function blockedBy(phases: readonly PlannedPhase[]): StepFailure | undefined {
  const error = phases.find(({ decision }) => decision === 'blocked')?.error;
  return error && { ...error, retryable: false };
}

function diskOf(
  identity: string | undefined,
  installation: PlannedPhase | undefined,
): PlannedDisk | undefined {
  if (installation?.decision !== 'run' || installation.erases === undefined) return undefined;
  const { disk, evidence, loss, installation: lost } = installation.erases;
  return {
    ...(identity === undefined ? {} : { identity }),
    ...{ disk, evidence, loss },
    ...(lost === undefined ? {} : { installation: lost }),
  };
}
