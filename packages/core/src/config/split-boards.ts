import { HOST_LABEL } from '@turingpi/foundation';
import { type ConfigIssue, unknownKey } from './describe-issues.js';
import { isRecord } from './is-record.js';

/** One board of a configuration: its own configuration, as if it were the only one. */
export interface BoardInput {
  /** Undefined where it is the only one, and has no name. */
  readonly name: string | undefined;
  readonly input: unknown;
  /** Where what is said of the board at a path is written in the whole. */
  readonly pathInWhole: (path: readonly PropertyKey[]) => readonly PropertyKey[];
}

/** The boards of a configuration with everything that is wrong in how they are put together. */
export interface SplitBoards {
  readonly boards: readonly BoardInput[];
  readonly issues: readonly ConfigIssue[];
}

/** Keys that are of one board alone. */
const OF_ONE_BOARD = ['ip', 'stateFileName', 'node1', 'node2', 'node3', 'node4'];
/** Keys of which a board may have its own, or some of what is below them. */
const SHARED_OR_OWN = ['network', 'bmc', 'ssh'];
/** What all boards have in common: files that are kept, and what is done with the nodes. */
export const SAID_FOR_ALL: readonly string[] = [
  'cacheDir',
  'cacheMaxSize',
  'stateStore',
  'state',
  'plugins',
  'replace',
  'workflow',
];

/** Whether a configuration has several boards. */
export function hasBoards(input: unknown): input is Readonly<Record<string, unknown>> {
  return isRecord(input) && 'boards' in input;
}

/**
 * Takes a configuration with `boards` apart: each has what is said of it, and what is said for all. The state of a board
 * is in a file of its own, `<name>.tpi_state.json`, and its nodes are called `<name>-node1` and so on, unless it says
 * otherwise; `{board}` in the pattern of host names is its name.
 */
export function splitBoards(whole: Readonly<Record<string, unknown>>): SplitBoards {
  const { boards, ...shared } = whole;
  if (!isRecord(boards) || Object.keys(boards).length === 0)
    return {
      boards: [],
      issues: [{ path: ['boards'], message: 'expected the boards by name, for example `shelf: { ip: … }`' }],
    };
  const issues = OF_ONE_BOARD.filter((key) => key in shared).map((key) => ({
    path: [key],
    message: 'is that of one board: it belongs below its name in `boards`',
  }));
  const split = Object.entries(boards).map(([name, own]) => splitBoard(name, own, shared));
  return {
    boards: split.flatMap(({ board }) => (board === undefined ? [] : [board])),
    issues: [...issues, ...split.flatMap((one) => one.issues)],
  };
}

function splitBoard(
  name: string,
  own: unknown,
  shared: Readonly<Record<string, unknown>>,
): { readonly board?: BoardInput; readonly issues: readonly ConfigIssue[] } {
  const path = ['boards', name];
  if (!HOST_LABEL.test(name))
    return { issues: [{ path, message: 'is no name of a board: lower-case letters, digits and - are' }] };
  if (!isRecord(own)) return { issues: [{ path, message: 'expected the keys of a board, `ip` among them' }] };
  const issues = Object.keys(own).flatMap((key) => {
    if (SAID_FOR_ALL.includes(key))
      return [{ path: [...path, key], message: 'is said once for all boards, beside `boards`' }];
    return key === 'boards' ? [unknownKey([...path, key], [...OF_ONE_BOARD, ...SHARED_OR_OWN])] : [];
  });
  const input = {
    stateFileName: `${name}.tpi_state.json`,
    ...Object.fromEntries(Object.entries(shared).filter(([key]) => !OF_ONE_BOARD.includes(key))),
    ...Object.fromEntries(
      Object.entries(own).filter(([key]) => !SAID_FOR_ALL.includes(key) && key !== 'boards'),
    ),
    ...Object.fromEntries(SHARED_OR_OWN.flatMap((key) => merged(key, shared[key], own[key]))),
    network: networkOf(name, shared['network'], own['network']),
  };
  return { board: { name, input, pathInWhole: (at) => pathInWhole(at, path, own, shared) }, issues };
}

/** What is said for all, with what the board says in its place; what is no map is left for who checks it. */
function merged(key: string, shared: unknown, own: unknown): (readonly [string, unknown])[] {
  if (own === undefined) return shared === undefined ? [] : [[key, shared]];
  return [[key, isRecord(shared) && isRecord(own) ? { ...shared, ...own } : own]];
}

function networkOf(name: string, shared: unknown, own: unknown): unknown {
  const [[, network] = ['network', {}]] = merged('network', shared, own);
  if (!isRecord(network)) return network;
  const { hostnamePattern = '{board}-node{id}' } = network;
  return {
    ...network,
    hostnamePattern:
      typeof hostnamePattern === 'string' ? hostnamePattern.replaceAll('{board}', name) : hostnamePattern,
  };
}

/** A place is the board's own where it is written there, the common one where it is not; what is missing is the board's. */
function pathInWhole(
  at: readonly PropertyKey[],
  board: readonly PropertyKey[],
  own: Readonly<Record<string, unknown>>,
  shared: Readonly<Record<string, unknown>>,
): readonly PropertyKey[] {
  const depth = depthOf(at, own);
  const isShared = depthOf(at, shared) > depth || SAID_FOR_ALL.includes(String(at[0]));
  return isShared ? at : [...board, ...at];
}

/** How far a path leads into what is written. */
function depthOf(at: readonly PropertyKey[], written: unknown): number {
  let current = written;
  for (const [depth, key] of at.entries()) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, key)) return depth;
    current = (current as Record<PropertyKey, unknown>)[key];
  }
  return at.length;
}
