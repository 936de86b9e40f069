import { InvalidArgumentError } from 'commander';
import { UsageError } from './usage-error.js';

/** Of a command whose nodes may stand after it or after `--node`. */
export interface Named<N> {
  readonly node?: N;
}

/**
 * The nodes that stand after a command, or after `--node`.
 *
 * @param operands - what stands after the command, nodes alone
 * @param option - what `--node` says
 * @param parse - reads nodes; throws InvalidArgumentError
 * @returns Undefined where none is named.
 * @throws UsageError for what is no node, and where they are named twice
 */
export function namedNodes<N>(
  operands: readonly string[],
  option: N | undefined,
  parse: (text: string) => N,
): N | undefined {
  if (operands.length === 0) return option;
  if (option !== undefined)
    throw new UsageError('nodes are named twice, after the command and after --node', 'Name them once.');
  return asUsage(() => parse(operands.join(',')));
}

/** What is read only when a command runs: what is wrong with it is told as it is told of an option. @throws UsageError */
export function asUsage<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    throw new UsageError(error.message, 'See the help of the command.');
  }
}

/**
 * As {@link namedNodes}, of a command after which more stands than nodes: they stand first, or with `--node` not at all.
 *
 * @returns The nodes, and what stands after them.
 */
export function nodesFirst<N>(
  operands: readonly (string | undefined)[],
  option: N | undefined,
  parse: (text: string) => N,
): { readonly nodes: N | undefined; readonly rest: readonly string[] } {
  const given = operands.filter((one) => one !== undefined);
  if (option !== undefined) return { nodes: option, rest: given };
  return { nodes: namedNodes(given.slice(0, 1), undefined, parse), rest: given.slice(1) };
}

/** @throws UsageError where none is named */
export function someNodes<N>(nodes: N | undefined): N {
  if (nodes !== undefined) return nodes;
  throw new UsageError('no node is named', 'Say which, for example 2, or --node 1,3.');
}
