import type { BoardInput, BoardNode, ConfigFile } from '@turingpi/core';
import { configInvalid, didYouMean, examineBoards } from '@turingpi/core/plugin';
import type { NodeId } from '@turingpi/foundation';
import { formatNodeName, type NodeName } from '../process/node-names.js';
import { UsageError } from '../process/usage-error.js';

/**
 * The board of a configuration that a command is about.
 *
 * @param name - what the command line says
 * @param any - where no board is named, any of them will do: what they share is asked about
 * @throws UsageError when it is not said which; ConfigError for a configuration whose boards cannot be told apart.
 */
export function boardMeant(
  { input, ...place }: ConfigFile,
  name: string | undefined,
  any = false,
): BoardInput {
  const { boards, issues } = examineBoards(input);
  const names = boards.map((board) => board.name);
  const [only, ...others] = boards;
  if (only === undefined || (issues.length > 0 && others.length === 0)) throw configInvalid(issues, place);
  const meant = boards.find((board) => board.name === name);
  if (meant !== undefined) return meant;
  if (only.name === undefined)
    throw new UsageError(
      `the configuration ${place.source} is of one board, which has no name: "${name ?? ''}" is none`,
      'Leave the name out; `boards:` in the configuration gives boards names.',
    );
  if (name !== undefined) throw unknownBoard(name, names, place.source);
  if (any || others.length === 0) return only;
  throw new UsageError(
    `the configuration ${place.source} has several boards: ${names.join(', ')}`,
    `Say which: --board ${only.name}, or a node as ${only.name}/1.`,
  );
}

/**
 * The nodes that names mean; undefined where none are given.
 *
 * @param configured - the nodes of each board, by name; of a configuration of one board by `undefined`
 * @throws UsageError for a board that is not there, and one that is not named.
 */
export function nodesMeant(
  names: readonly NodeName[] | undefined,
  configured: ReadonlyMap<string | undefined, readonly NodeId[]>,
): readonly BoardNode[] | undefined {
  const boards = [...configured.keys()];
  const [only] = boards;
  return names?.flatMap((name) => {
    const board = name.board ?? (boards.length === 1 ? only : undefined);
    const nodes = configured.get(board);
    if (nodes === undefined) throw unknownNode(name, boards);
    if (name.id === undefined) return nodes.map((nodeId) => ({ board, nodeId }));
    return [{ board, nodeId: name.id }];
  });
}

function unknownNode(name: NodeName, boards: readonly (string | undefined)[]): UsageError {
  const [first] = boards;
  if (first === undefined)
    return new UsageError(
      `the configuration is of one board, which has no name: "${name.board ?? ''}" is none`,
      'Name its nodes by their numbers alone.',
    );
  const list = boards.join(', ');
  return name.board === undefined
    ? new UsageError(
        `the configuration has several boards, and ${formatNodeName(name)} may be on any of them`,
        `Name the board as well, for example ${first}/${name.id ?? 1}. The boards are: ${list}.`,
      )
    : unknownBoard(name.board, boards, 'the configuration');
}

function unknownBoard(name: string, boards: readonly (string | undefined)[], source: string): UsageError {
  const known = boards.filter((board) => board !== undefined);
  return new UsageError(
    `there is no board "${name}" in ${source}${didYouMean(name, known)}`,
    `Its boards are: ${known.join(', ')}.`,
  );
}
