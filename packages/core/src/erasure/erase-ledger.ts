import { mkdir, open, readFile } from 'node:fs/promises';
import path from 'node:path';
import { noteForJudge } from './judged-ledger.js';
import type { LedgerEntry } from './ledger-entry.js';

/** How the ledgers of state files end. */
export const LEDGER_SUFFIX = '.erasures.jsonl';

/** The approved erasures, appended as JSON lines: what was erased by us stays known when the state is lost. */
export class EraseLedger {
  /** @param file - beside the state file */
  constructor(readonly file: string) {}

  /** Appends an entry durably; what is to be erased is not touched before this returns. */
  async append(entry: LedgerEntry): Promise<void> {
    await appendLine(this.file, JSON.stringify(entry));
    await noteForJudge(entry);
  }

  /** Every entry that can be read. A half-written last line is what a power cut leaves: it stands for nothing. */
  async read(): Promise<readonly LedgerEntry[]> {
    let text: string;
    try {
      text = await readFile(this.file, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
    return text.split('\n').flatMap((line) => {
      try {
        return line === '' ? [] : [JSON.parse(line) as LedgerEntry];
      } catch {
        return [];
      }
    });
  }
}

async function appendLine(file: string, line: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const handle = await open(file, 'a', 0o600);
  try {
    await handle.write(`${line}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
