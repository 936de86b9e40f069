import { constants } from 'node:fs';
import { open, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { makeDirectory, type NodeName, TuringPiError } from '@turingpi/foundation';
import { StateError } from '../errors/state-error.js';
import type { PhaseName } from '../phase/phase.js';
import { syncDirectory, writeDurably } from './durable-write.js';
import type { JournalEntry } from './journal-entry.js';
import {
  formatEntry,
  formatJournal,
  type JournalClaim,
  type JournalHead,
  parseJournal,
} from './parse-journal.js';
import type { HeldLock } from './state-file.js';

/** The journals of phases, each a file of lines that is only added to while a phase runs. */
export class JournalFiles {
  readonly directory: string;

  /** @param stateFile - beside which they are */
  constructor(stateFile: string) {
    this.directory = `${stateFile.replace(/\.json$/, '')}.journal`;
  }

  /** What was done under the claim that is on record, in order. */
  async read(node: NodeName, phase: PhaseName, claim: JournalClaim): Promise<JournalEntry[]> {
    const file = this.#file(node, phase);
    try {
      return parseJournal(await readFile(file, 'utf8'), claim) ?? [];
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw new StateError('STATE_UNREADABLE', `the journal ${file} cannot be read`, {
        cause,
        hint: 'Check that it is a file and that you may read it.',
      });
    }
  }

  /**
   * Begins a journal anew, with what of the one before it still holds.
   *
   * @param lock - of the state: who has lost it replaces nothing, for the journal may be somebody else's by now
   * @throws StateError `STATE_WRITE_FAILED`
   */
  async begin(
    node: NodeName,
    phase: PhaseName,
    head: JournalHead,
    entries: readonly JournalEntry[],
    lock: HeldLock,
  ): Promise<void> {
    const file = this.#file(node, phase);
    await written(file, async () => {
      await makeDirectory(this.directory);
      await writeDurably(file, formatJournal(head, entries), () => lock.assertHeld());
      await syncDirectory(path.dirname(this.directory));
    });
  }

  /**
   * Adds one action, under the claim with a fence; it is on disk when this returns.
   *
   * @throws StateError `STATE_WRITE_FAILED`; the journal is as it was then.
   */
  async append(
    node: NodeName,
    phase: PhaseName,
    at: { readonly fence: number; readonly position: number },
    entry: JournalEntry,
  ): Promise<void> {
    const file = this.#file(node, phase);
    await written(file, () => appendLine(file, formatEntry(at.fence, at.position, entry)));
  }

  /**
   * @param lock - of the state: who has lost it removes nothing
   * @throws StateError `STATE_WRITE_FAILED`
   */
  async remove(node: NodeName, phase: PhaseName, lock: HeldLock): Promise<void> {
    const file = this.#file(node, phase);
    lock.assertHeld();
    await written(file, () => rm(file, { force: true }));
  }

  #file(node: NodeName, phase: PhaseName): string {
    return path.join(this.directory, `${node}.${phase}.jsonl`);
  }
}

async function appendLine(file: string, line: string): Promise<void> {
  // At its end, whoever else writes; never made here: without its first line a journal belongs to nothing.
  await using handle = await open(file, constants.O_RDWR | constants.O_APPEND);
  const { size } = await handle.stat();
  try {
    // The rest of a line whose writer was killed must not swallow this one.
    const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, Math.max(0, size - 1));
    await handle.appendFile(buffer.toString() === '\n' ? line : `\n${line}`);
    await handle.sync();
  } catch (error) {
    await handle.truncate(size).catch(() => undefined); // as if it had not been tried
    throw error;
  }
}

async function written(file: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (cause) {
    if (TuringPiError.is(cause)) throw cause; // the lock was lost
    throw new StateError('STATE_WRITE_FAILED', `the journal ${file} cannot be written`, {
      cause,
      hint: 'Check free space and permissions of its directory.',
    });
  }
}
