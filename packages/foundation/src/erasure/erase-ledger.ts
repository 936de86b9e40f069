import { mkdir, open, readFile } from 'node:fs/promises';
import path from 'node:path';
import { NODE_IDS } from '../node/node-id.js';
import { noteForJudge } from './judged-ledger.js';
import type { LedgerEntry } from './ledger-entry.js';

/** The ledger of flashes by hand, in a cache directory; those of state files end so. */
export const LEDGER_NAME = 'erasures.jsonl';

/** The ledger beside a state file. @param stateFile - without its ending */
export function ledgerFileOf(stateFile: string): string {
  return `${stateFile}.${LEDGER_NAME}`;
}

/** Whether a file of this name is a ledger. */
export function isLedgerName(name: string): boolean {
  return name === LEDGER_NAME || name.endsWith(`.${LEDGER_NAME}`);
}

/** The approved erasures, appended as JSON lines: what was erased by us stays known when the state is lost. */
export class EraseLedger {
  /** @param file - beside the state file */
  constructor(readonly file: string) {}

  /** Appends an entry durably; what is to be erased is not touched before this returns. */
  async append(entry: LedgerEntry): Promise<void> {
    await appendLine(this.file, JSON.stringify(entry));
    await noteForJudge(entry);
  }

  /** Adds, durably, what another copy of the ledger tells. Nothing is erased. */
  async restore(entries: readonly LedgerEntry[]): Promise<void> {
    for (const entry of entries) await appendLine(this.file, JSON.stringify(entry));
  }

  /** What the ledger tells; nothing, and whole, where there is none yet. */
  async read(): Promise<LedgerReading> {
    let text: string;
    try {
      text = await readFile(this.file, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { entries: [], isWhole: true };
      throw error;
    }
    const lines = text.split('\n').filter((line) => line !== '');
    const entries = lines.flatMap((line) => entryIn(line) ?? []);
    return { entries, isWhole: entries.length === lines.length };
  }
}

/** The entries of a ledger. */
export interface LedgerReading {
  readonly entries: readonly LedgerEntry[];
  /** False when a line is no entry, whatever damaged it: it may have been about any node. */
  readonly isWhole: boolean;
}

function entryIn(line: string): LedgerEntry | undefined {
  try {
    const entry: unknown = JSON.parse(line);
    return isEntry(entry) ? entry : undefined;
  } catch {
    return undefined;
  }
}

/** Further keys are those of a later version; they are kept. */
function isEntry(value: unknown): value is LedgerEntry {
  if (typeof value !== 'object' || value === null) return false;
  const { at, board, node, disk } = value as Partial<Record<keyof LedgerEntry, unknown>>;
  return (
    typeof at === 'string' &&
    (board === undefined || typeof board === 'string') &&
    NODE_IDS.some((id) => id === node) &&
    typeof disk === 'string'
  );
}

async function appendLine(file: string, line: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const handle = await open(file, 'a+', 0o600);
  try {
    // Behind what a power cut left of a line, another one begins.
    const { size } = await handle.stat();
    const last = size === 0 ? '\n' : (await handle.read(Buffer.alloc(1), 0, 1, size - 1)).buffer.toString();
    await handle.write(`${last === '\n' ? '' : '\n'}${line}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
