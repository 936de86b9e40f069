import { NODE_IDS } from '@turingpi/foundation';
import type { ConfigIssue } from './describe-issues.js';
import { hostnameOf } from './hostname-of.js';
import { isRecord } from './is-record.js';
import type { BoardInput } from './split-boards.js';

/**
 * Finds what two boards of a configuration cannot both have: addresses, host names, files; and what is said for nodes of a
 * board that is not there.
 */
export function checkAcrossBoards(boards: readonly BoardInput[]): readonly ConfigIssue[] {
  return [...claimedTwice(boards), ...saidForNone(boards)];
}

/** `workflow.nodes` may name a node as `BOARD/N`: what is wrong in the rest of that section its own reader finds. */
function saidForNone(boards: readonly BoardInput[]): readonly ConfigIssue[] {
  const [first] = boards;
  const workflow = isRecord(first?.input) ? first.input['workflow'] : undefined; // the same for all
  const nodes = isRecord(workflow) && isRecord(workflow['nodes']) ? workflow['nodes'] : {};
  const names = boards.map(({ name }) => name);
  return Object.keys(nodes).flatMap((key) => {
    const [board = '', id] = key.split('/');
    if (id === undefined || names.includes(board)) return [];
    const message = `is of the board ${board}, which is not there (there are: ${names.join(', ')})`;
    return [{ path: ['workflow', 'nodes', key], message }];
  });
}

function claimedTwice(boards: readonly BoardInput[]): readonly ConfigIssue[] {
  const owners = new Map<string, { readonly board: BoardInput; readonly key: string }>();
  return boards.flatMap((board) =>
    claimsOf(board).flatMap(({ kind, value, key, path }) => {
      const claim = `${kind} ${value.toLowerCase()}`;
      const owner = owners.get(claim);
      owners.set(claim, owner ?? { board, key });
      // What is twice on one board is told with that board.
      if (owner === undefined || owner.board === board) return [];
      const has = `${owner.board.name ?? ''}.${owner.key}`;
      return [{ path: board.pathInWhole(path), message: `is ${value}, which ${has} has already` }];
    }),
  );
}

interface Claim {
  readonly kind: 'address' | 'name' | 'file' | 'mac';
  readonly value: string;
  readonly key: string;
  readonly path: readonly string[];
}

function claimsOf({ input: written }: BoardInput): readonly Claim[] {
  const input = isRecord(written) ? written : {};
  const port =
    isRecord(input['bmc']) && typeof input['bmc']['port'] === 'number' ? input['bmc']['port'] : 443;
  const pattern = isRecord(input['network']) ? input['network']['hostnamePattern'] : undefined;
  const nodes = NODE_IDS.flatMap((id): Claim[] => {
    const key = `node${id}`;
    const node = input[key];
    if (!isRecord(node)) return [];
    const hostname = typeof node['hostname'] === 'string' ? node['hostname'] : undefined;
    const name = typeof pattern === 'string' ? hostnameOf(id, { hostname }, pattern) : hostname;
    return [
      ...claim('address', node['ip'], key, [key, 'ip']),
      ...claim('mac', node['macAddress'], key, [key, 'macAddress']),
      ...claim('name', name, key, [key, 'hostname']),
    ];
  });
  const { ip } = input;
  return [
    // A board is one address and one port: several simulated ones are on one address.
    ...claim('address', typeof ip === 'string' && port !== 443 ? `${ip}:${port}` : ip, 'ip', ['ip']),
    ...claim('file', input['stateFileName'], 'stateFileName', ['stateFileName']),
    ...nodes,
  ];
}

function claim(kind: Claim['kind'], value: unknown, key: string, path: readonly string[]): Claim[] {
  return typeof value === 'string' ? [{ kind, value, key, path }] : [];
}
