import { constants } from 'node:fs';
import { open, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { makeDirectory, type NodeName } from '@turingpi/foundation';
import type { PhaseName } from '../phase/phase.js';
import { syncDirectory, writeDurably } from './durable-write.js';
import type { JournalEntry } from './journal-entry.js';
import { formatEntry, formatJournal, type JournalHead, parseJournal } from './parse-journal.js';

/** The journals of phases, each a file of lines that is only added to while a phase runs. */
export class JournalFiles {
  readonly directory: string;

  /** @param stateFile - beside which they are */
  constructor(stateFile: string) {
    this.directory = `${stateFile.replace(/\.json$/, '')}.journal`;
  }

  /** What was done for a hash, in order. */
  async read(node: NodeName, phase: PhaseName, hash: string): Promise<JournalEntry[]> {
    try {
      return parseJournal(await readFile(this.#file(node, phase), 'utf8'), hash) ?? [];
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  }

  /** Begins a journal anew, with what of the one before it still holds. */
  async begin(
    node: NodeName,
    phase: PhaseName,
    head: JournalHead,
    entries: readonly JournalEntry[],
  ): Promise<void> {
    await makeDirectory(this.directory);
    await writeDurably(this.#file(node, phase), formatJournal(head, entries));
    await syncDirectory(path.dirname(this.directory));
  }

  /** Adds one action, under the claim with a fence; it is on disk when this returns. */
  async append(
    node: NodeName,
    phase: PhaseName,
    at: { readonly fence: number; readonly position: number },
    entry: JournalEntry,
  ): Promise<void> {
    // At its end, whoever else writes; never made here: without its first line a journal belongs to nothing.
    await using handle = await open(this.#file(node, phase), constants.O_RDWR | constants.O_APPEND);
    const { size } = await handle.stat();
    try {
      // The rest of a line whose writer was killed must not swallow this one.
      const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, Math.max(0, size - 1));
      const text = formatEntry(at.fence, at.position, entry);
      await handle.appendFile(buffer.toString() === '\n' ? text : `\n${text}`);
      await handle.sync();
    } catch (error) {
      await handle.truncate(size).catch(() => undefined); // as if it had not been tried
      throw error;
    }
  }

  async remove(node: NodeName, phase: PhaseName): Promise<void> {
    await rm(this.#file(node, phase), { force: true });
  }

  #file(node: NodeName, phase: PhaseName): string {
    return path.join(this.directory, `${node}.${phase}.jsonl`);
  }
}
