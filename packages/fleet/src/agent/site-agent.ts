import type { EraseApproval } from '@turingpi/core';
import type { Erasure, NodeId } from '@turingpi/foundation';
import { adoptNode, declarativeLogin } from '@turingpi/provisioning';
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
import { openBoard, type OpenBoardOptions, type OpenedBoard } from './open-board.js';
import { installationIn, planOfNode } from './plan-of-node.js';
import { installationOn, isInstalled, outdated, planNow, run, runPlanned } from './planned-run.js';

export interface SiteAgentOptions extends OpenBoardOptions {
  readonly site: string;
  /** Where it keeps which approvals were used; a file that only its user can write. */
  readonly ledger: string;
  readonly now?: () => Date;
}

/** What became of a node that was to be adopted. */
export type AdoptedByAgent = { readonly node: NodeId } & (
  { readonly hostname: string; readonly installation: string } | { readonly error: unknown }
);

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
    const outcome = await runPlanned(opened, task, context, 'image');
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
    const outcome = await runPlanned(
      opened,
      task,
      context,
      'install',
      async ({ board: identity }, planned) => {
        const { hostname } = planned;
        const erases = installationIn(planned)?.erases;
        // What would be refused later is refused before anything is made for it.
        if (erases) await this.#approved(task, { board: identity, hostname, ...erases }, erases.installation);
      },
    );
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
    if (!(await isInstalled(opened, task, context))) throw outdated(task);
    const outcome = await run(opened, { ...task, reinstall: false }, context, { from: 'post' });
    const installation = await installationOn(opened, task.node);
    return { outcome, digests: {}, ids: installation === undefined ? {} : { installation } };
  }

  /**
   * Makes records of what runs on the nodes of a board, one node after the other.
   *
   * @param options - `fingerprints`: host keys that may be trusted, as `ssh-keygen -l` prints them
   * @throws FleetError `BOARD_UNKNOWN`; what a node lacks is told with it
   */
  async *adopt(
    board: string,
    { signal, fingerprints }: { readonly signal: AbortSignal; readonly fingerprints: readonly string[] },
  ): AsyncGenerator<AdoptedByAgent, void, void> {
    await using opened = await this.#open(board, 'none');
    const { cluster, place } = opened;
    for (const node of cluster.config.nodes.keys()) {
      signal.throwIfAborted();
      try {
        const { node: adopted } = await adoptNode(cluster, node, {
          signal,
          login: await declarativeLogin(cluster, node, place),
          confirmKey: ({ fingerprint }) => Promise.resolve(fingerprints.includes(fingerprint)),
        });
        const { hostname, installationId: installation } = adopted.installed;
        yield { node, hostname, installation };
      } catch (error) {
        signal.throwIfAborted();
        yield { node, error };
      }
    }
  }

  #open(board: string, approve: EraseApproval): Promise<OpenedBoard> {
    const { baseDir: fleetDir } = this.fleet.file;
    return openBoard(this.#board(board), this.options, { fleetDir, approve });
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

  /** Asked of what is planned, and once more by core, directly before it gives out the right to erase. */
  async #approved(
    { board, node, plan, approval, reinstall }: StepTask,
    erasure: Pick<Erasure, 'board' | 'disk' | 'evidence' | 'hostname'>,
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
