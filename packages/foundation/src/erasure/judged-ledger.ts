import { randomUUID } from 'node:crypto';
import { appendFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { NodeId } from '../node/node-id.js';
import type { LedgerEntry } from './ledger-entry.js';

/**
 * The variable names a file that gets a copy of every approved erasure, and the nodes whose power somebody asked to
 * change: whoever judges a simulated board reads it. Unset, nothing is written.
 */
export const LEDGER_VARIABLE = 'TURINGPI_ERASE_LEDGER';

/** From here on the power of these nodes may be cut, until {@link NamedNodesEnd}. */
export interface NamedNodes {
  /** ISO 8601. */
  readonly at: string;
  readonly named: readonly NodeId[];
  /** What they were named for. */
  readonly why: string;
  /** Ties the two lines together. */
  readonly scope: string;
}

/** What the nodes were named for is over. */
export interface NamedNodesEnd {
  readonly ended: string;
}

/** A line of the copy. */
export type JudgedLine = LedgerEntry | NamedNodes | NamedNodesEnd;

/**
 * Runs work that may cut the power of nodes which a person, or the program that calls, has named; no other node's power
 * is cut by it.
 *
 * @remarks Nothing is enforced here. To be called where the names are said, not where the power is switched: what names
 * its nodes by itself cannot be found out.
 *
 * @param why - what they were named for, in a few words
 */
export async function withNamedNodes<T>(
  named: readonly NodeId[],
  why: string,
  work: () => Promise<T>,
): Promise<T> {
  if (judgedLedger() === undefined) return await work();
  const scope = randomUUID();
  await noteForJudge({ at: new Date().toISOString(), named, why, scope });
  try {
    return await work();
  } finally {
    await noteForJudge({ ended: scope });
  }
}

/** Appends a line to the copy, when there is to be one. */
export async function noteForJudge(line: JudgedLine): Promise<void> {
  const file = judgedLedger();
  if (file === undefined) return;
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  await appendFile(file, `${JSON.stringify(line)}\n`, { mode: 0o600 });
}

function judgedLedger(): string | undefined {
  const file = process.env[LEDGER_VARIABLE];
  return file === '' ? undefined : file;
}
