import { setTimeout as sleep } from 'node:timers/promises';
import type { ClusterPlan, PhaseStage, PlannedNode, RunOptions } from '@turingpi/core';
import { PlanError } from '@turingpi/core/plugin';
import { type NodeId, nodeName } from '@turingpi/foundation';
import type { StepContext, StepResult, StepTask } from '../orchestrator/board-steps.js';
import { Alive } from './alive.js';
import type { OpenedBoard } from './open-board.js';
import { digestOfNodePlan, installationIn } from './plan-of-node.js';

/** Between two looks at what another agent does. */
const LOOK_MS = 2000;

/**
 * Runs a node up to a phase, if what was planned does not stand on it yet.
 *
 * @throws PlanError `PLAN_OUTDATED`, also when a file changes while it runs: core compares what it is about to do
 */
export async function runPlanned(
  opened: OpenedBoard,
  task: StepTask,
  context: StepContext,
  until: PhaseStage,
  check: (plan: ClusterPlan, planned: PlannedNode) => Promise<void> = () => Promise.resolve(),
): Promise<StepResult['outcome']> {
  if (await isInstalled(opened, task, context)) return 'skipped';
  const { plan, planned } = await assertPlanned(opened, task, context);
  await check(plan, planned);
  return run(opened, task, context, { until, plan });
}

/** @throws What kept the node from its end; the signal's reason when that fired. */
export async function run(
  { cluster, workflow, hooks }: OpenedBoard,
  { node, reinstall, rollout }: StepTask,
  { signal, heartbeat }: StepContext,
  limits: Pick<RunOptions, 'from' | 'until' | 'plan'>,
): Promise<StepResult['outcome']> {
  using alive = new Alive(heartbeat);
  const unsubscribe = cluster.subscribe((event) => alive.event(event));
  try {
    const { nodes } = await cluster.runAll(cluster.run(workflow), {
      ...{ signal, hooks, ...limits, nodes: [node], reinstall: reinstall ? [node] : [], wait: true },
      command: `fleet ${rollout}`,
    });
    const [summary] = nodes;
    if (summary?.outcome !== 'completed') {
      if (signal.aborted) throw signal.reason;
      throw summary?.error;
    }
    return Object.values(summary.phases).some(({ outcome }) => outcome === 'completed') ? 'done' : 'skipped';
  } finally {
    unsubscribe();
  }
}

/** Whether what was planned stands on the node: a step is done once, however often it is asked for. */
export async function isInstalled(
  opened: OpenedBoard,
  task: StepTask,
  context: StepContext,
): Promise<boolean> {
  const { planned } = await nodeNow(opened, { ...task, reinstall: false }, context);
  const standing = await installationOn(opened, task.node);
  if (standing === undefined || installationIn(planned)?.decision !== 'skip') return false;
  const replaced = replacedBy(task);
  return standing !== replaced && digestOfNodePlan(task.board, planned, replaced) === task.plan;
}

/** @throws PlanError `PLAN_OUTDATED` when the node would become something else than was planned */
async function assertPlanned(opened: OpenedBoard, task: StepTask, context: StepContext): Promise<PlanNow> {
  const { plan, planned } = await nodeNow(opened, task, context);
  const erases = installationIn(planned)?.erases;
  // What it replaces is gone already where an attempt was interrupted.
  const isInterrupted = erases?.evidence === 'interrupted';
  const replaced = isInterrupted ? replacedBy(task) : task.reinstall ? erases?.installation : undefined;
  if (digestOfNodePlan(task.board, planned, replaced) !== task.plan) throw outdated(task);
  return { plan, planned };
}

/** The installation that was to be replaced. Whether that was really approved is asked when something is erased. */
function replacedBy({ approval, reinstall }: StepTask): string | undefined {
  return reinstall ? approval?.statement.installation : undefined;
}

/** What is said of a task whose plan is not what would be done now. */
export function outdated({ board, node }: StepTask): PlanError {
  return new PlanError('PLAN_OUTDATED', `${nodeName(node)} of ${board} would become something else by now`, {
    hint: 'Its files have changed since it was planned, or it was installed since. Make a plan again with `turingpi fleet plan`.',
  });
}

/** The plan of a node as files, records and the node have it now. */
interface PlanNow {
  readonly plan: ClusterPlan;
  readonly planned: PlannedNode;
}

/** Waits for whoever is at it: an agent that was taken for dead may live, and then its step is not begun beside it. */
async function nodeNow(
  opened: OpenedBoard,
  { node: id, reinstall }: StepTask,
  { signal, heartbeat }: StepContext,
): Promise<PlanNow> {
  using alive = new Alive(heartbeat);
  for (;;) {
    const plan = await planNow(opened, [id], reinstall, signal);
    const [planned] = plan.nodes;
    if (planned === undefined) throw new TypeError('a plan of a node has no node');
    if (!isBeingInstalled(planned)) return { plan, planned };
    alive.tell({ doing: 'waiting for who is at it' });
    await sleep(LOOK_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

/** Whether a living process makes its image, or installs it: until it has ended there is no plan of the node. */
function isBeingInstalled({ phases }: PlannedNode): boolean {
  return phases.some(
    ({ phase, error }) => phase !== 'post_installation' && error?.code === 'PHASE_ALREADY_RUNNING',
  );
}

/** What would become of nodes now. Nothing is approved by that. */
export function planNow(
  { cluster, workflow, hooks }: OpenedBoard,
  nodes: readonly NodeId[],
  reinstall: boolean,
  signal: AbortSignal,
): Promise<ClusterPlan> {
  return cluster.plan(workflow, {
    ...{ nodes, hooks, signal, comparable: true, reinstall: reinstall ? nodes : [] },
    erase: ({ evidence }) => reinstall || evidence !== 'installed',
  });
}

/** Id of the installation that stands on a node; undefined where none does. */
export async function installationOn({ cluster }: OpenedBoard, node: NodeId): Promise<string | undefined> {
  return (await cluster.installedNode(node))?.installed.installationId;
}
