import { NODE_IDS } from '../node/node-id.js';
import { noteForJudge } from './judged-ledger.js';
import type { LedgerEntry } from './ledger-entry.js';
import { LineFile } from './line-file.js';

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

/** Where a ledger is kept: lines that are only added to, durably. */
export type LedgerLines = Pick<LineFile, 'location' | 'append' | 'read'>;

/** The approved erasures, appended as lines of JSON: what was erased by us stays known when the state is lost. */
export class EraseLedger {
  readonly #lines: LedgerLines;

  /** @param place - a file, or what a store of the state keeps for all who have it open */
  constructor(place: string | LedgerLines) {
    this.#lines = typeof place === 'string' ? new LineFile(place) : place;
  }

  /** Where it is, for messages. */
  get location(): string {
    return this.#lines.location;
  }

  /** Appends an entry durably; what is to be erased is not touched before this returns. */
  async append(entry: LedgerEntry): Promise<void> {
    await this.#lines.append([JSON.stringify(entry)]);
    await noteForJudge(entry);
  }

  /** Adds, durably, what another copy of the ledger tells. Nothing is erased. */
  async restore(entries: readonly LedgerEntry[]): Promise<void> {
    if (entries.length > 0) await this.#lines.append(entries.map((entry) => JSON.stringify(entry)));
  }

  /** What the ledger tells; nothing, and whole, where there is none yet. */
  async read(): Promise<LedgerReading> {
    const lines = await this.#lines.read();
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
