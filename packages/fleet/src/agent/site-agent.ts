import type { ClusterPlan, EraseApproval, PhaseStage, PlannedNode } from '@turingpi/core';
import { type Erasure, type NodeId, nodeName } from '@turingpi/foundation';
import { PlanError } from '@turingpi/core/plugin';
import { ApprovalLedger } from '../approval/approval-ledger.js';
import { checkApproval, checkErasure } from '../approval/check-approval.js';
import type { Fleet, FleetBoard } from '../fleet-file/load-fleet.js';
import type {
  BoardSteps,
  NodePlan,
  PlanTask,
  StepContext,
  StepResult,
  StepTask,
} from '../orchestrator/board-steps.js';
import { FleetError } from '../orchestrator/fleet-error.js';
import type { ApprovalStatement } from '../orchestrator/signed-approval.js';
import { Alive } from './alive.js';
import { openBoard, type OpenBoardOptions, type OpenedBoard } from './open-board.js';
import { digestOfNodePlan, installationIn, planOfNode } from './plan-of-node.js';

export interface SiteAgentOptions extends OpenBoardOptions {
  readonly site: string;
  /** Where it keeps which approvals were used; a file that only its user can write. */
  readonly ledger: string;
  readonly now?: () => Date;
}

/**
 * Does the steps of a site's boards, by the configuration files and secrets of this computer. It trusts no one who brings
 * a task: what erases a disk needs an operator's signature over what the node would become now.
 */
export class SiteAgent implements BoardSteps {
  readonly #ledger: ApprovalLedger;
  readonly #now: () => Date;

  /** @param fleet - of a file on this computer: who may approve is not for an orchestrator to say */
  constructor(
    private readonly fleet: Fleet,
    private readonly options: SiteAgentOptions,
  ) {
    this.#ledger = new ApprovalLedger(options.ledger);
    this.#now = options.now ?? (() => new Date());
  }

  /** @throws FleetError `BOARD_UNKNOWN`; ConfigError; StateError; IdentityError */
  async plan({ board, nodes, reinstall }: PlanTask, { signal }: StepContext): Promise<readonly NodePlan[]> {
    await using opened = await this.#open(board, 'none');
    const ids = nodes ?? [...opened.cluster.config.nodes.keys()];
    const plan = await planNow(opened, ids, reinstall, signal);
    return plan.nodes.map((node) => planOfNode(board, plan, node));
  }

  async customise(task: StepTask, context: StepContext): Promise<StepResult> {
    const { board, node } = task;
    await using opened = await this.#open(board, 'none');
    const { cluster } = opened;
    const isDone = await isInstalled(opened, task, context.signal);
    if (!isDone) await assertPlanned(opened, task, context.signal);
    const outcome = isDone ? 'skipped' : await run(opened, task, context, { until: 'image' });
    const record = (await cluster.status()).get(node)?.image_customization;
    const image = record?.output?.['sha256'];
    return { outcome, digests: typeof image === 'string' ? { image } : {}, ids: {} };
  }

  /**
   * @throws FleetError with the codes of `checkApproval` and `checkErasure`, `APPROVAL_USED`; PlanError `PLAN_OUTDATED` when
   * the node would become something else than what was planned
   */
  async install(task: StepTask, context: StepContext): Promise<StepResult> {
    const { board, node } = task;
    let used: ApprovalStatement | undefined;
    await using opened = await this.#open(board, async (erasure) => {
      used = await this.#approved(task, erasure, await installationOn(opened, node));
      return true;
    });
    const isDone = await isInstalled(opened, task, context.signal);
    if (!isDone) await assertPlanned(opened, task, context.signal);
    const outcome = isDone ? 'skipped' : await run(opened, task, context, { until: 'install' });
    if (used !== undefined) await this.#ledger.use(used, this.#now());
    const installed = (await opened.cluster.installedNode(node))?.installed;
    return {
      outcome,
      digests: installed === undefined ? {} : { image: installed.imageSha256 },
      ids: installed === undefined ? {} : { installation: installed.installationId },
    };
  }

  async postInstall(task: StepTask, context: StepContext): Promise<StepResult> {
    await using opened = await this.#open(task.board, 'none');
    if (!(await isInstalled(opened, task, context.signal))) throw outdated(task);
    const outcome = await run(opened, { ...task, reinstall: false }, context, { from: 'post' });
    const installation = await installationOn(opened, task.node);
    return { outcome, digests: {}, ids: installation === undefined ? {} : { installation } };
  }

  #open(board: string, approve: EraseApproval): Promise<OpenedBoard> {
    return openBoard(this.#board(board), this.options, approve);
  }

  #board(id: string): FleetBoard {
    const { site } = this.options;
    const board = this.fleet.boards.find((one) => one.id === id && one.site === site);
    if (board !== undefined) return board;
    throw new FleetError(
      'BOARD_UNKNOWN',
      `the fleet file of this agent has no board ${id} on the site ${site}`,
      {
        hint: 'The fleet file is the same on all computers: bring that of the agent up to date, and start the agent again.',
      },
    );
  }

  /** Asked by core, directly before it gives out the right to erase. */
  async #approved(
    { board, node, plan, approval, reinstall }: StepTask,
    erasure: Erasure,
    installation: string | undefined,
  ): Promise<ApprovalStatement> {
    const { name, operators } = this.fleet;
    const question = { fleet: name, operators, board, node, plan, now: this.#now() };
    const statement = checkApproval(approval, question);
    checkErasure(statement, erasure, installation);
    if (erasure.evidence === 'installed' && !reinstall)
      throw new FleetError(
        'APPROVAL_OUTDATED',
        `${erasure.hostname} is installed, and nobody asked for a reinstallation`,
        {
          hint: '`turingpi fleet reinstall` asks for it.',
        },
      );
    await this.#ledger.assertUnused(statement);
    return statement;
  }
}

/** @throws What kept the node from its end; the signal's reason when that fired. */
async function run(
  { cluster, workflow, hooks }: OpenedBoard,
  { node, reinstall, rollout }: StepTask,
  { signal, heartbeat }: StepContext,
  limits: { readonly from?: PhaseStage; readonly until?: PhaseStage },
): Promise<StepResult['outcome']> {
  using alive = new Alive(heartbeat);
  const unsubscribe = cluster.subscribe((event) => alive.event(event));
  try {
    const { nodes } = await cluster.runAll(cluster.run(workflow), {
      ...{ signal, hooks, ...limits, nodes: [node], reinstall: reinstall ? [node] : [] },
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
async function isInstalled(opened: OpenedBoard, task: StepTask, signal: AbortSignal): Promise<boolean> {
  const planned = await nodeNow(opened, { ...task, reinstall: false }, signal);
  const standing = await installationOn(opened, task.node);
  if (standing === undefined || installationIn(planned)?.decision !== 'skip') return false;
  const replaced = replacedBy(task);
  return standing !== replaced && digestOfNodePlan(task.board, planned, replaced) === task.plan;
}

/** @throws PlanError `PLAN_OUTDATED` when the node would become something else by now */
async function assertPlanned(opened: OpenedBoard, task: StepTask, signal: AbortSignal): Promise<void> {
  const planned = await nodeNow(opened, task, signal);
  const erases = installationIn(planned)?.erases;
  // What it replaces is gone already where an attempt was interrupted.
  const isInterrupted = erases?.evidence === 'interrupted';
  const replaced = isInterrupted ? replacedBy(task) : task.reinstall ? erases?.installation : undefined;
  if (digestOfNodePlan(task.board, planned, replaced) !== task.plan) throw outdated(task);
}

/** The installation that was to be replaced. Whether that was really approved is asked when something is erased. */
function replacedBy({ approval, reinstall }: StepTask): string | undefined {
  return reinstall ? approval?.statement.installation : undefined;
}

function outdated({ board, node }: StepTask): PlanError {
  return new PlanError('PLAN_OUTDATED', `${nodeName(node)} of ${board} would become something else by now`, {
    hint: 'Its files have changed since it was planned, or it was installed since. Make a plan again with `turingpi fleet plan`.',
  });
}

async function nodeNow(
  opened: OpenedBoard,
  { node: id, reinstall }: StepTask,
  signal: AbortSignal,
): Promise<PlannedNode> {
  const { nodes } = await planNow(opened, [id], reinstall, signal);
  const [node] = nodes;
  if (node === undefined) throw new TypeError('a plan of a node has no node');
  return node;
}

function planNow(
  { cluster, workflow, hooks }: OpenedBoard,
  nodes: readonly NodeId[],
  reinstall: boolean,
  signal: AbortSignal,
): Promise<ClusterPlan> {
  return cluster.plan(workflow, {
    ...{ nodes, hooks, signal, comparable: true, reinstall: reinstall ? nodes : [] },
    erase: ({ evidence }) => reinstall || evidence !== 'installed', // what is planned is not approved by that
  });
}

async function installationOn({ cluster }: OpenedBoard, node: NodeId): Promise<string | undefined> {
  return (await cluster.installedNode(node))?.installed.installationId;
}
