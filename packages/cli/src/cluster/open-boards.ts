import {
  type BoardSet,
  type BoardSetConfig,
  createBoardSet,
  createTuringPi,
  type EraseApproval,
  type TuringPi,
  type TuringPiConfig,
} from '@turingpi/core';
import { examineBoards } from '@turingpi/core/plugin';
import { createDeclaredTuringPi, loadConfig } from '@turingpi/provisioning';
import type { NodeId } from '@turingpi/foundation';
import type { NodeName } from '../process/node-names.js';
import type { Terminal } from '../process/terminal.js';
import { fetchNamedKeys } from './fetch-named-keys.js';
import { findConfigFile, type OpenedCluster, openingOf, withEnvironment } from './open-cluster.js';
import { nodesMeant } from './several-boards.js';

/** The boards of a configuration, be it one or several. Disposed with the command. */
export interface OpenedBoards extends AsyncDisposable {
  readonly boards: BoardSet;
  /** One of the boards, with the configuration file as it has it. */
  at(cluster: TuringPi): Pick<OpenedCluster, 'cluster' | 'file'>;
}

export interface OpenBoardsOptions {
  readonly debug?: boolean;
  /** As for `openCluster`. */
  readonly withoutSecrets?: boolean;
  /** Who may erase what on a board; it has a name where there are several. */
  readonly approve?: (board: string | undefined) => EraseApproval | undefined;
  /** Which nodes are meant: boards of others are not opened. Default: all. */
  readonly nodes?: readonly NodeName[] | undefined;
  /** The workflow that is declared is about to run for them: everything that is wrong with it is found as well. */
  readonly declared?: boolean;
  /** Makes another configuration of what is written for a board. */
  readonly change?: (input: unknown, board: string | undefined) => Promise<unknown>;
}

/**
 * As `openCluster`, for commands that work on all boards of a configuration; with nodes named, on the boards of these.
 *
 * @throws ConfigError; UsageError for nodes that cannot be meant.
 */
export async function openBoards(
  configFile: string | undefined,
  terminal: Terminal,
  options: OpenBoardsOptions = {},
): Promise<OpenedBoards> {
  const { approve, nodes: named, declared = false, change, debug = false, withoutSecrets = false } = options;
  const file = await loadConfig(findConfigFile(configFile, terminal.cwd));
  const inputs = examineBoards(file.input).boards;
  const names = inputs.map(({ name }) => name);
  nodesMeant(named, new Map(names.map((name) => [name, []]))); // what cannot be meant is told first
  if (declared) await fetchNamedKeys(file, terminal);
  const [first] = names;
  const on = (name: string | undefined) => named?.filter(({ board = first }) => board === name);
  const boards = await createBoardSet(
    withEnvironment(file.input, terminal.environment) as BoardSetConfig,
    {
      ...openingOf(file, terminal, { debug, withoutSecrets }),
      ...(named && { only: names.filter((name) => on(name)?.length !== 0) }),
    },
    async (written, given) => {
      const name = given.board?.name;
      const input = change === undefined ? written : ((await change(written, name)) as TuringPiConfig);
      const approval = approve?.(name);
      const how = { ...given, ...(approval === undefined ? {} : { approve: approval }) };
      if (!declared) return createTuringPi(input, how);
      const ids = on(name)?.map(({ id }) => id);
      // Where the whole board is meant, all its nodes are.
      const nodes = ids?.every((id) => id !== undefined) === true ? { nodes: ids } : {};
      return createDeclaredTuringPi(input, { ...how, ...nodes });
    },
  );
  return {
    boards,
    at: (cluster) => {
      const pathInWhole = inputs.find(({ name }) => name === cluster.config.boardName)?.pathInWhole;
      return { cluster, file: { ...file, ...(pathInWhole === undefined ? {} : { pathInWhole }) } };
    },
    [Symbol.asyncDispose]: () => boards[Symbol.asyncDispose](),
  };
}

/** The nodes that are configured, by board. */
export function configuredNodes({
  clusters,
}: Pick<BoardSet, 'clusters'>): ReadonlyMap<string | undefined, readonly NodeId[]> {
  return new Map([...clusters].map(([name, { config }]) => [name, [...config.nodes.keys()]]));
}
