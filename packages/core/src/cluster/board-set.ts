import type { NodeId, Secret } from '@turingpi/foundation';
import type { ArchiveContent } from '../archive/archive-content.js';
import type { ImportedRecords, ImportOptions } from '../archive/archived-boards.js';
import { didYouMean } from '../config/near-name.js';
import { PhaseError } from '../errors/phase-error.js';
import type { EventListener } from '../event/event.js';
import type { ClusterPlan } from '../plan/cluster-plan.js';
import type { RunStore } from '../run/run-store.js';
import type { ClusterSummary } from './cluster-summary.js';
import type { NodeHooks } from './node-hooks.js';
import type { PlanOptions } from './node-plans.js';
import { runBoards } from './run-boards.js';
import type { TuringPi } from './turing-pi.js';
import type { Provision, RunOptions, Workflow } from './workflow.js';

/** A node of one of the boards. */
export interface BoardNode {
  /** Name of the board; undefined where the configuration is of one. */
  readonly board: string | undefined;
  readonly nodeId: NodeId;
}

/** What is said of nodes by the board that they are on. */
interface ForBoards {
  /** Default: every configured node of every board. */
  readonly nodes?: readonly BoardNode[] | undefined;
  /** Nodes to be installed anew, whatever is on record. */
  readonly reinstall?: readonly BoardNode[] | undefined;
  /** What is done around the installation of the nodes of a board. */
  readonly hooks?: (cluster: TuringPi) => NodeHooks;
}

/** How the nodes of several boards are run. */
export type BoardSetRunOptions = Omit<RunOptions, 'reinstall' | 'hooks' | 'plan'> &
  ForBoards & {
    /** What was approved, by board. */
    readonly plans?: (board: string | undefined) => ClusterPlan | undefined;
  };

/** How a plan for several boards is made. */
export type BoardSetPlanOptions = Omit<PlanOptions, keyof ForBoards | 'plan' | 'erase'> &
  ForBoards & {
    /** What may be erased besides what a run asks about, by board. */
    readonly erase?: (board: string | undefined) => PlanOptions['erase'];
  };

/** What a run would do now with the nodes of one of the boards. */
export interface BoardPlan {
  /** Name of the board; undefined where the configuration is of one. */
  readonly board: string | undefined;
  readonly plan: ClusterPlan;
}

/**
 * The boards of one configuration: what `createBoardSet` returns. Each has its own records, login and plugins; they share
 * the cache directory, the work on images, and runs.
 */
export class BoardSet implements AsyncDisposable {
  /** @param clusters - by name, in the order of the configuration; one alone has none, and is at `undefined` */
  constructor(
    readonly clusters: ReadonlyMap<string | undefined, TuringPi>,
    private readonly opened: AsyncDisposable,
  ) {}

  /** One of the boards. @throws PhaseError `BOARD_NOT_CONFIGURED` */
  cluster(board: string | undefined): TuringPi {
    const cluster = this.clusters.get(board);
    if (cluster !== undefined) return cluster;
    throw boardNotConfigured(board, [...this.clusters.keys()]);
  }

  /** The runs of the boards that are on file. */
  get runs(): RunStore {
    const [first] = this.clusters.values();
    if (first === undefined) throw new TypeError('a set of boards has at least one');
    return first.runs;
  }

  /**
   * Everything on record of all boards, with the secrets of their nodes, encrypted in one file.
   *
   * @throws StateError `STATE_LEASE_HELD` when a phase is being run.
   */
  async exportRecords(passphrase: Secret): Promise<string> {
    const contents = new Map<string | undefined, ArchiveContent>();
    for (const [name, { archive }] of this.clusters) contents.set(name, await archive.content());
    const { sealBoards } = await import('../archive/archived-boards.js'); // few commands need it
    return sealBoards(contents, passphrase, new Date());
  }

  /**
   * Puts on record what was exported of these boards, or of one; nothing is changed unless every board takes what the file
   * has for it. What is on record of boards that are not in the file stays.
   *
   * @param file - the text of the exported file
   * @returns What became of each board of the file.
   * @throws As the `import` of a board's archive.
   */
  async importRecords(
    file: string,
    passphrase: Secret,
    options: ImportOptions,
  ): Promise<ReadonlyMap<string | undefined, ImportedRecords>> {
    const archives = new Map([...this.clusters].map(([name, { archive }]) => [name, archive]));
    const { importBoards } = await import('../archive/archived-boards.js');
    return importBoards(archives, { file, passphrase }, options);
  }

  /** Tells a listener everything that happens to nodes of all boards. @returns Ends the subscription when called. */
  subscribe(listener: EventListener): () => void {
    const ends = [...this.clusters.values()].map((cluster) => cluster.subscribe(listener));
    return () => {
      for (const end of ends) end();
    };
  }

  /**
   * Runs a workflow for every node of every board (or for some) as one run: images are made one at a time, each board
   * flashes one node at a time, several boards do so side by side. What keeps one board from being run ends its nodes
   * alone.
   *
   * @param provision - makes the workflow of a board runnable: `(cluster) => cluster.run(workflow)`
   * @throws PhaseError `BOARD_NOT_CONFIGURED`, `NODE_NOT_CONFIGURED`
   */
  async runAll(
    provision: (cluster: TuringPi) => Provision<unknown>,
    options: BoardSetRunOptions = {},
  ): Promise<ClusterSummary> {
    const { nodes, reinstall = [], hooks, plans, ...shared } = options;
    const boards = this.#select(nodes).map(([name, cluster, ids]) => {
      const plan = plans?.(name);
      return cluster.asBoardRun(provision(cluster), {
        ...shared,
        ...(ids === undefined ? {} : { nodes: ids }),
        reinstall: idsOn(name, reinstall),
        ...(hooks === undefined ? {} : { hooks: hooks(cluster) }),
        ...(plan === undefined ? {} : { plan }),
      });
    });
    return runBoards(boards, shared);
  }

  /** What {@link runAll} would do now, board by board. Nothing is changed. @throws As {@link TuringPi.plan}. */
  async plan(
    workflow: (cluster: TuringPi) => Workflow<unknown>,
    options: BoardSetPlanOptions = {},
  ): Promise<readonly BoardPlan[]> {
    const { nodes, reinstall = [], hooks, erase, ...shared } = options;
    const plans: BoardPlan[] = [];
    for (const [board, cluster, ids] of this.#select(nodes)) {
      const erased = erase?.(board);
      const plan = await cluster.plan(workflow(cluster), {
        ...shared,
        ...(ids === undefined ? {} : { nodes: ids }),
        reinstall: idsOn(board, reinstall),
        ...(hooks === undefined ? {} : { hooks: hooks(cluster) }),
        ...(erased === undefined ? {} : { erase: erased }),
      });
      plans.push({ board, plan });
    }
    return plans;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.opened[Symbol.asyncDispose]();
  }

  /** The boards that are meant, each with the nodes that are. */
  #select(
    nodes: readonly BoardNode[] | undefined,
  ): readonly (readonly [string | undefined, TuringPi, readonly NodeId[] | undefined])[] {
    if (nodes === undefined) return [...this.clusters].map(([name, cluster]) => [name, cluster, undefined]);
    const names = [...new Set(nodes.map(({ board }) => board))];
    return names.map((name) => [name, this.cluster(name), idsOn(name, nodes)]);
  }
}

function idsOn(name: string | undefined, nodes: readonly BoardNode[]): NodeId[] {
  return [...new Set(nodes.flatMap(({ board, nodeId }) => (board === name ? [nodeId] : [])))];
}

/** The error of a board that the configuration does not have. */
export function boardNotConfigured(
  name: string | undefined,
  boards: readonly (string | undefined)[],
): PhaseError {
  const known = boards.filter((board) => board !== undefined);
  return new PhaseError(
    'BOARD_NOT_CONFIGURED',
    name === undefined
      ? 'the configuration has several boards, and none is named'
      : `there is no board "${name}" in the configuration${didYouMean(name, known)}`,
    {
      hint:
        known.length === 0
          ? 'It is of one board, which has no name.'
          : `Its boards are: ${known.join(', ')}.`,
    },
  );
}
