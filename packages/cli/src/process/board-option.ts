import { type NodeId, NODE_IDS } from '@turingpi/foundation';
import { type Command, InvalidArgumentError } from 'commander';
import { parseNodeNames } from './node-names.js';

/** How a command on all boards is about one. */
export const ONLY_THIS_BOARD = 'only this board, where the configuration has several (default: all)';

/** Adds the option that says which board of a configuration with several is meant. */
export function addBoardOption(
  command: Command,
  description = 'which board, where the configuration has several',
): Command {
  return command.option('--board <name>', description, (name) => onBoard(command, name));
}

/** Adds the option by which a command on all boards is about one of them. */
export function addOnlyBoardOption(command: Command): Command {
  return command.option('--board <name>', ONLY_THIS_BOARD);
}

/** Adds an option that names nodes of one board; a board that is named with them is as if `--board` said it. */
export function addNodeOption(
  command: Command,
  flags: string,
  description: string,
  options: { readonly all?: boolean } = {},
): Command {
  return command.option(flags, description, nodesOfBoard(command, options));
}

/**
 * Reads nodes of one board, as `2`, `1,3`, `shelf/2` or `shelf/1,3`; a board that is named is as if `--board` said it.
 *
 * @param all - whether all nodes may be meant at once: `all`, `shelf`
 */
export function nodesOfBoard(command: Command, { all = false } = {}): (text: string) => NodeId[] {
  return (text) => {
    if (all && text.trim() === 'all') return [...NODE_IDS];
    const names = parseNodeNames(text);
    const [board, ...others] = [...new Set(names.map((name) => name.board))];
    if (others.length > 0) throw new InvalidArgumentError('this is done with one board at a time');
    if (board !== undefined) onBoard(command, board);
    return [
      ...new Set(
        names.flatMap(({ id }) => {
          if (id !== undefined) return [id];
          if (all) return [...NODE_IDS];
          throw new InvalidArgumentError(
            `"${board ?? ''}" is read as a board: say which of its nodes, for example ${board ?? ''}/1; a node of the only board is a number, for example 1`,
          );
        }),
      ),
    ];
  };
}

/** As {@link nodesOfBoard}, for a single node. */
export function nodeOfBoard(command: Command): (text: string) => NodeId {
  const parse = nodesOfBoard(command);
  return (text) => {
    const [node, ...more] = parse(text);
    if (node === undefined || more.length > 0) throw new InvalidArgumentError('one node, for example 2');
    return node;
  };
}

function onBoard(command: Command, name: string): string {
  const { board: known } = command.opts<{ readonly board?: string }>();
  if (known !== undefined && known !== name)
    throw new InvalidArgumentError(`${name} is another board than ${known}, which is named as well`);
  command.setOptionValue('board', name);
  return name;
}
