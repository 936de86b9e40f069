import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { boardIdOf } from '../board/board-id.js';
import { type NodeId, nodeName, EraseLedger, isLedgerName } from '@turingpi/foundation';
import { parseState } from '../state/parse-state.js';
import type { StateDocument } from '../state/state-document.js';

/**
 * Whether another state file in the same directory, or its ledger, tells that something was installed on a node of a
 * board. Such a node is not new, whatever this project's own file says.
 *
 * @param stateFile - this project's own
 * @param board - the board's id; records that name no board may be about any
 */
export async function isKnownToNeighbours(
  stateFile: string,
  node: NodeId,
  board: string | undefined,
): Promise<boolean> {
  const directory = path.dirname(stateFile);
  const names = await readdir(directory).catch(() => []);
  const own = path.basename(stateFile);
  for (const name of names) {
    const file = path.join(directory, name);
    if (isLedgerName(name)) {
      if (await tellsOfErasure(new EraseLedger(file), node, board)) return true;
    } else if (name.endsWith('.json') && name !== own && (await tellsOfInstallation(file, node, board)))
      return true;
  }
  return false;
}

/** Whether a ledger has an erasure of a node of a board, or a line that nobody can read any more. */
export async function tellsOfErasure(
  ledger: EraseLedger,
  node: NodeId,
  board: string | undefined,
): Promise<boolean> {
  const { entries, isWhole } = await ledger.read();
  return !isWhole || entries.some((entry) => entry.node === node && mayBe(entry.board, board));
}

async function tellsOfInstallation(file: string, node: NodeId, board: string | undefined): Promise<boolean> {
  const document = await stateIn(file);
  const record = document?.[nodeName(node)]?.os_installation;
  if (document === undefined || record === undefined) return false;
  const isTrace = record.status === 'completed' || record.erased === true || record.previous !== undefined;
  return (
    (isTrace || record.voided !== undefined) && mayBe(document.board && boardIdOf(document.board), board)
  );
}

/** The state in a file; undefined for any other file. */
async function stateIn(file: string): Promise<StateDocument | undefined> {
  try {
    return parseState(await readFile(file, 'utf8'), file);
  } catch {
    return undefined; // another file, or a damaged one: its ledger still tells
  }
}

function mayBe(one: string | undefined, other: string | undefined): boolean {
  return one === undefined || other === undefined || one === other;
}
