import type { BoardSet, ClusterArchive } from '@turingpi/core';
import type { NodeId } from '@turingpi/foundation';
import { openBoards } from '../../cluster/open-boards.js';
import { openCluster } from '../../cluster/open-cluster.js';
import { type NodeName, nodesOn } from '../../process/node-names.js';
import type { Terminal } from '../../process/terminal.js';

/** Options of every command on the state. */
export interface StateCommandOptions {
  readonly config?: string;
  readonly board?: string;
  readonly json?: boolean;
  readonly verbose?: boolean;
}

/** The records of one board, with what closes them. */
export interface OpenedRecords extends AsyncDisposable {
  readonly records: ClusterArchive;
}

/** What is on record of one board. */
export interface RecordsOfBoard {
  /** Name of the board; undefined where the configuration is of one. */
  readonly board: string | undefined;
  readonly records: ClusterArchive;
  /** The nodes that are meant; undefined for all that are on record. */
  readonly nodes: readonly NodeId[] | undefined;
}

/** The records of all boards that are meant, with what closes them. */
export interface OpenedRecordsOfBoards extends AsyncDisposable {
  readonly boards: BoardSet;
  readonly each: readonly RecordsOfBoard[];
  /** Whether the configuration is of one board, which has no name. */
  readonly isOne: boolean;
}

/**
 * Opens the records of one board. Asks neither board nor nodes.
 *
 * @throws ConfigError; UsageError where the configuration has several, and none is named.
 */
export async function openRecords(options: StateCommandOptions, terminal: Terminal): Promise<OpenedRecords> {
  const opened = await openCluster(options.config, terminal, {
    debug: options.verbose === true,
    board: options.board,
    withoutSecrets: true,
  });
  return { records: opened.cluster.archive, [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose]() };
}

/**
 * Opens the records of every board of a configuration, or of those that are named. Asks neither boards nor nodes.
 *
 * @throws ConfigError; UsageError for boards and nodes that cannot be meant.
 */
export async function openRecordsOfBoards(
  options: StateCommandOptions,
  terminal: Terminal,
  nodes?: readonly NodeName[],
): Promise<OpenedRecordsOfBoards> {
  const named = nodesOn(options.board, nodes);
  const opened = await openBoards(options.config, terminal, {
    debug: options.verbose === true,
    nodes: named,
    withoutSecrets: true,
  });
  const { boards } = opened;
  const [only] = boards.clusters.keys();
  return {
    boards,
    each: [...boards.clusters].map(([board, { archive }]) => {
      const ids = named?.filter((name) => (name.board ?? only) === board).map(({ id }) => id);
      // Where all of a board is meant, what is on record decides: also of nodes that are not configured any more.
      const meant = ids?.every((id) => id !== undefined) === true ? ids : undefined;
      return { board, records: archive, nodes: meant };
    }),
    isOne: boards.clusters.has(undefined),
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}
