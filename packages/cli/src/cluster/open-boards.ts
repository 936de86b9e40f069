import {
  type BoardInput,
  type BoardNode,
  type BoardSet,
  type BoardSetConfig,
  type ClusterPlan,
  type ClusterSummary,
  type ConfigFile,
  createBoardSet,
  createTuringPi,
  type EraseApproval,
  type EventListener,
  hasBoards,
  type NodeHooks,
  type PlanOptions,
  type RunOptions,
  type RunStore,
  splitBoards,
  type TuringPi,
  type Workflow,
} from '@turingpi/core';
import { createDeclaredTuringPi, loadConfig } from '@turingpi/provisioning';
import type { NodeId } from '@turingpi/foundation';
import type { NodeName } from '../process/node-names.js';
import type { Terminal } from '../process/terminal.js';
import { findConfigFile, openFile, type OpenedCluster, openingOf, withEnvironment } from './open-cluster.js';
import { type MeantNode, nodesMeant } from './several-boards.js';

/** A board that a command works on. */
export interface BoardAtWork extends Pick<OpenedCluster, 'cluster' | 'file'> {
  /** Undefined where the configuration is of one board. */
  readonly name: string | undefined;
}

/** What is said for each board: of one without a name, or of several by name. */
export type ByBoard<T> = (board: string | undefined) => T;

/** How nodes of one board or of several are run. */
export type RunOfBoards = Omit<RunOptions, 'reinstall' | 'hooks' | 'plan' | 'nodes'> & {
  readonly nodes?: readonly MeantNode[] | undefined;
  readonly reinstall?: readonly MeantNode[] | undefined;
  readonly hooks?: (board: BoardAtWork) => NodeHooks;
  /** What was approved. */
  readonly plans?: ByBoard<ClusterPlan | undefined>;
};

/** How a plan for one board or for several is made. */
export type PlanOfBoards = Omit<PlanOptions, 'nodes' | 'reinstall' | 'hooks' | 'plan' | 'erase'> &
  Pick<RunOfBoards, 'nodes' | 'reinstall' | 'hooks'> & {
    readonly erase?: ByBoard<EraseApproval | undefined>;
  };

/** A plan of the nodes of one board. */
export interface PlanOfBoard {
  /** Undefined where the configuration is of one board. */
  readonly board: string | undefined;
  readonly plan: ClusterPlan;
}

/** The boards of a configuration, be it one or several. Disposed with the command. */
export interface OpenedBoards extends AsyncDisposable {
  readonly boards: readonly BoardAtWork[];
  readonly runs: RunStore;
  /** The nodes that names mean; undefined where none are given. @throws UsageError */
  nodesMeant(names: readonly NodeName[] | undefined): readonly MeantNode[] | undefined;
  subscribe(listener: EventListener): () => void;
  runAll(workflow: (board: BoardAtWork) => Workflow, options: RunOfBoards): Promise<ClusterSummary>;
  plan(workflow: (board: BoardAtWork) => Workflow, options: PlanOfBoards): Promise<readonly PlanOfBoard[]>;
}

export interface OpenBoardsOptions {
  readonly debug?: boolean;
  /** Who may erase what. */
  readonly approve?: ByBoard<EraseApproval | undefined>;
  /** The workflow that is declared is about to run, for these nodes or for all. */
  readonly declared?: { readonly nodes: readonly NodeName[] | undefined };
}

/** As `openCluster`, for commands that work on all boards of a configuration. @throws ConfigError */
export async function openBoards(
  configFile: string | undefined,
  terminal: Terminal,
  { approve, declared, debug = false }: OpenBoardsOptions = {},
): Promise<OpenedBoards> {
  const file = await loadConfig(findConfigFile(configFile, terminal.cwd));
  if (!hasBoards(file.input)) {
    const approval = approve?.(undefined);
    const ids = declared?.nodes?.flatMap(({ id }) => (id === undefined ? [] : [id]));
    const opened = await openFile(file, terminal, {
      debug,
      ...(approval === undefined ? {} : { approve: approval }),
      ...(declared && { declared: { nodes: ids } }),
    });
    return ofOneBoard(opened);
  }
  const { boards } = splitBoards(file.input);
  const names = boards.map(({ name }) => name);
  const named = declared?.nodes;
  nodesMeant(named ?? [], new Map(names.map((name) => [name, []]))); // what cannot be meant is told first
  const [first] = names;
  const on = (name: string) => named?.filter(({ board = first }) => board === name);
  const set = await createBoardSet(
    withEnvironment(file.input, terminal.environment) as BoardSetConfig,
    {
      ...openingOf(file, terminal, { debug }),
      ...(named && { only: names.filter((name) => on(name)?.length !== 0) }),
      ...(approve && { approve: Object.fromEntries(names.map((name) => [name, approve(name)])) }),
    },
    (input, how) => {
      if (declared === undefined) return createTuringPi(input, how);
      const ids = on(how.board?.name ?? '')?.map(({ id }) => id);
      // Where the whole board is meant, all its nodes are.
      const nodes = ids?.every((id) => id !== undefined) === true ? { nodes: ids } : {};
      return createDeclaredTuringPi(input, { ...how, ...nodes });
    },
  );
  return ofSeveralBoards(set, file, new Map(boards.map(({ name, pathInWhole }) => [name, pathInWhole])));
}

/** The nodes that are configured, by board. */
export function configuredNodes({
  boards,
}: Pick<OpenedBoards, 'boards'>): ReadonlyMap<string | undefined, readonly NodeId[]> {
  return new Map(boards.map(({ name, cluster }) => [name, [...cluster.config.nodes.keys()]]));
}

function ofOneBoard({ cluster, file, ...opened }: OpenedCluster): OpenedBoards {
  const board: BoardAtWork = { name: undefined, cluster, file };
  const boards = [board];
  const idsOf = (nodes: readonly MeantNode[]) => nodes.map(({ nodeId }) => nodeId);
  const own = ({ nodes, reinstall, hooks }: Pick<RunOfBoards, 'nodes' | 'reinstall' | 'hooks'>) => ({
    ...(nodes && { nodes: idsOf(nodes) }),
    ...(reinstall && { reinstall: idsOf(reinstall) }),
    ...(hooks && { hooks: hooks(board) }),
  });
  return {
    boards,
    runs: cluster.runs,
    nodesMeant: (names) => names && nodesMeant(names, configuredNodes({ boards })),
    subscribe: (listener) => cluster.subscribe(listener),
    runAll: (workflow, { nodes, reinstall, hooks, plans, ...shared }) => {
      const plan = plans?.(undefined);
      return cluster.runAll(cluster.run(workflow(board)), {
        ...shared,
        ...own({ nodes, reinstall, ...(hooks && { hooks }) }),
        ...(plan && { plan }),
      });
    },
    plan: async (workflow, { nodes, reinstall, hooks, erase, ...shared }) => {
      const erased = erase?.(undefined);
      const plan = await cluster.plan(workflow(board), {
        ...shared,
        ...own({ nodes, reinstall, ...(hooks && { hooks }) }),
        ...(erased && { erase: erased }),
      });
      return [{ board: undefined, plan }];
    },
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}

function ofSeveralBoards(
  set: BoardSet,
  file: ConfigFile,
  pathsInWhole: ReadonlyMap<string, BoardInput['pathInWhole']>,
): OpenedBoards {
  const boards = [...set.clusters].map(([name, cluster]): BoardAtWork => {
    const pathInWhole = pathsInWhole.get(name);
    return { name, cluster, file: { ...file, ...(pathInWhole && { pathInWhole }) } };
  });
  const byCluster = new Map(boards.map((board) => [board.cluster, board]));
  const atWork = (cluster: TuringPi): BoardAtWork => {
    const board = byCluster.get(cluster);
    if (board === undefined) throw new TypeError('a set runs its own boards');
    return board;
  };
  const onBoards = (nodes: readonly MeantNode[]): BoardNode[] =>
    nodes.flatMap(({ board, nodeId }) => (board === undefined ? [] : [{ board, nodeId }]));
  const own = ({ nodes, reinstall, hooks }: Pick<RunOfBoards, 'nodes' | 'reinstall' | 'hooks'>) => ({
    ...(nodes && { nodes: onBoards(nodes) }),
    ...(reinstall && { reinstall: onBoards(reinstall) }),
    ...(hooks && { hooks: (cluster: TuringPi) => hooks(atWork(cluster)) }),
  });
  return {
    boards,
    runs: set.runs,
    nodesMeant: (names) => names && nodesMeant(names, configuredNodes({ boards })),
    subscribe: (listener) => set.subscribe(listener),
    runAll: (workflow, { nodes, reinstall, hooks, plans, ...shared }) =>
      set.runAll((cluster) => cluster.run(workflow(atWork(cluster))), {
        ...shared,
        ...own({ nodes, reinstall, ...(hooks && { hooks }) }),
        ...(plans && { plans }),
      }),
    plan: (workflow, { nodes, reinstall, hooks, erase, ...shared }) =>
      set.plan((cluster) => workflow(atWork(cluster)), {
        ...shared,
        ...own({ nodes, reinstall, ...(hooks && { hooks }) }),
        ...(erase && { erase }),
      }),
    [Symbol.asyncDispose]: () => set[Symbol.asyncDispose](),
  };
}
